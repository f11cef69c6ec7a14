"""File system of an execution environment: read-only but for /tmp, which is limited in size.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html. An audit hook of the interpreter
refuses what Python code opens; native code is not covered.
"""

import errno
import os
import resource
import stat
import sys
from pathlib import Path

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit event -> positions of a path that it changes, and of the open folder that the path is relative to.
_CHANGES = {
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
}
_NO_FOLDER = -1
_OPEN_FILES = Path("/proc/self/fd")
_DEVICES = "/dev"
# The folder that Lambda's functions write to; a link on macOS.
_TMP = os.path.realpath("/tmp")  # noqa: S108
_BYTECODE = "__pycache__"
# The code of an image function, which runs from source; it may lie in /tmp.
_PROJECT = str(Path(__file__).resolve().parents[4])
_MEGABYTE = 1024 * 1024


class FunctionFileSystem:
    """Rules for the files of one execution environment.

    Args:
        folder: Folder of the environment.
        code: Folder inside it with the function's code, /var/task on AWS.
        temporary: Folder inside it that stands in for /tmp.
        storage_mb: Size of /tmp in megabytes.
    """

    def __init__(self, *, folder: Path, code: Path, temporary: Path, storage_mb: int) -> None:
        self._folder = str(folder.resolve())
        self._code = str(code.absolute())
        self._temporary = temporary.resolve()
        self._max_bytes = storage_mb * _MEGABYTE

    def enforce(self) -> None:
        """Applies the rules to this process, for good."""
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        # One byte more than fits: a file that ends there is recognized as too large.
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._max_bytes + 1, hard))
        sys.addaudithook(self._audit)

    def check_storage(self) -> None:
        """Checks the size of /tmp.

        Raises:
            OSError: It is over the limit; the message is that of a full file system.
        """
        if _size(self._temporary) > self._max_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._temporary))

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            self._check_open(path, flags if isinstance(flags, int) else 0)
        for path_at, folder_at in _CHANGES.get(event, ()):
            folder = _NO_FOLDER if folder_at is None else arguments[folder_at]
            self._check_write(_in_folder(arguments[path_at], folder))

    def _check_open(self, path: object, flags: int) -> None:
        if flags & _WRITES:
            self._check_write(path)
            if _is_inside(_absolute(path), str(self._temporary)):
                self._check_space()
        elif isinstance(path, (str, bytes)):
            # Without links resolved: imports open many files, and links inside a zip are rare.
            name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - resolve() follows links
            if _is_inside(name, self._code):
                _check_readable(name, self._code)

    def _check_write(self, path: object) -> None:
        name = _absolute(path)
        if name and not self._is_writable(name):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)

    def _is_writable(self, name: str) -> bool:
        if _is_inside(name, self._folder):
            return _is_inside(name, str(self._temporary))
        # The interpreter's own cache, which AWS has compiled in advance.
        if Path(name).parent.name == _BYTECODE:
            return True
        is_temporary = _is_inside(name, _TMP) and not _is_inside(name, _PROJECT)
        return is_temporary or _is_inside(name, _DEVICES)

    def _check_space(self) -> None:
        if _size(self._temporary) >= self._max_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._temporary))


def as_full_disk(error: BaseException) -> BaseException:
    """Returns the error of a full file system for one of a file over the limit of the process.

    The limit of a process is the closest that a file system without a size of its own has.
    """
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), error.filename)
    return error


def _in_folder(path: object, folder: object) -> object:
    """Returns a path that is relative to an open folder as one that is not; None where it is unknown."""
    if folder == _NO_FOLDER or not isinstance(path, (str, bytes)):
        return path
    try:
        return (_OPEN_FILES / str(folder)).readlink() / os.fsdecode(path)
    except OSError:
        return None


def _absolute(path: object) -> str:
    """Returns the path without symbolic links, "" for an open or unknown file."""
    if isinstance(path, (str, bytes, os.PathLike)):
        return os.path.realpath(os.fsdecode(path))
    return ""


def _is_inside(name: str, folder: str) -> bool:
    return name == folder or name.startswith(folder + os.sep)


def _check_readable(name: str, code: str) -> None:
    """Refuses files that are not readable by others: on AWS their owner is not the function's user."""
    path = Path(name)
    folders = [folder for folder in path.parents if _is_inside(str(folder), code)]
    bits = {path: stat.S_IROTH, **dict.fromkeys(folders, stat.S_IXOTH)}
    if any(part.exists() and not part.stat().st_mode & bit for part, bit in bits.items()):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
