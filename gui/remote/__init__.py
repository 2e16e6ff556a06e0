"""Playing the window from outside: MIDI controllers, OSC. Loads neither library before it is used."""
