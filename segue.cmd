@echo off
rem Starts Segue: finds a Python and leaves the rest to resources\launch.
setlocal
set "LAUNCH=%~dp0resources\launch"
set PYTHON="%~dp0.venv\Scripts\python.exe"
if not exist %PYTHON% goto search
rem One whose own Python has been removed does not start; another makes it anew.
%PYTHON% -c "" >nul 2>nul && goto start
:search
for %%P in ("py -3" python python3) do (
    %%~P -c "from __future__ import annotations" >nul 2>nul && set "PYTHON=%%~P" && goto start
)
echo segue: needs Python 3.11 or newer: install it from https://www.python.org/downloads/ and start again 1>&2
exit /b 2
:start
%PYTHON% "%LAUNCH%" %*
exit /b %ERRORLEVEL%
