"""The contenders, one module each, with a function `serve(port, folder)` that serves until SIGTERM.

The other servers run as their documentation recommends for production: with uvloop and httptools where they
are supported, one worker because there is one core, no access log, and validation by their own types.
"""
