"""Stub of SageMaker's runtime that responds at once; as a program it prints its port."""

import asyncio

_BODY = b'{"predictions":[{"label":"a","probability":0.1234567}],"model":{"name":"b","version":"0"}}'
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    b"x-amzn-sagemaker-custom-attributes: model_version=0\r\ncontent-length: %d\r\n\r\n%b"
    % (len(_BODY), _BODY)
)
_LENGTH = b"content-length:"


class Runtime(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts with an empty buffer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""

    def data_received(self, data: bytes) -> None:
        """Responds when a request is complete."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]
        if blank and len(body) >= int(length or 0):
            self._received = b""
            self._transport.write(_RESPONSE)


async def main() -> None:
    """Serves until the process is terminated."""
    server = await asyncio.get_running_loop().create_server(Runtime, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
