"""The contenders, one a file: `serve(port, folder)` in it answers until SIGTERM.

Rivals run as their documentation advises for production: uvloop and httptools where they can be had, one
worker because there is one core, no access log, requests checked by their own types.
"""
