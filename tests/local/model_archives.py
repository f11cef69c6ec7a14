"""Model archives for the stub serving process."""

import json
import sys
from io import BytesIO
from pathlib import Path
from tarfile import TarInfo
from tarfile import open as open_tar

STUB = (sys.executable, str(Path(__file__).with_name("stub_serving.py")))


def archive(**behaviour: object) -> bytes:
    """Returns a model.tar.gz that gives the stub a behaviour."""
    content = json.dumps(behaviour).encode()
    return archive_of("behaviour.json", content)


def archive_of(name: str, content: bytes) -> bytes:
    """Returns a gzipped tar file of one file."""
    buffer = BytesIO()
    with open_tar(fileobj=buffer, mode="w:gz") as tar:
        entry = TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, BytesIO(content))
    return buffer.getvalue()


def unpacked(folder: Path, **behaviour: object) -> Path:
    """Creates a SAGEMAKER_BASE_DIR whose model gives the stub a behaviour."""
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "behaviour.json").write_text(json.dumps(behaviour))
    return folder
