"""Errors that the user can mend. The message is one line: what is wrong, and what to do."""


class SegueError(Exception):
    """Bad input or a missing piece; shown to the user as it is, with exit status 2."""


class CheckpointError(SegueError):
    """A model that is missing, truncated, foreign, pickled or too large for this machine."""


class PackError(SegueError):
    """A probe pack that is damaged or was made for another model."""


class ControlError(SegueError):
    """A knob, layer or sampling value that cannot be played."""


class AudioFileError(SegueError):
    """A sound file that cannot be read or written."""


class TakeError(SegueError):
    """A take that cannot be recorded, found or replayed."""


class DeviceError(SegueError):
    """An audio output that cannot be opened."""


class CorpusError(SegueError):
    """Labelled audio, or a composer's tool, that is missing or unusable."""


class StudyError(SegueError):
    """A listening study, or a sheet of answers, that is missing, damaged, foreign or not for this participant."""
