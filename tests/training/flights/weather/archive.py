"""An archive of weather reports on this machine, in the format of the Iowa Environmental Mesonet."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from tests.training.flights.site import Request, Site

HEADER = "station,valid,tmpf,sknt,p01i,vsby,relh,mslp"
# Reports by station, as lines without the station; the last two make January 2018 complete.
JANUARY: Mapping[str, Sequence[str]] = {
    "LAX": (
        "2018-01-31 16:53,66.00,10.00,0.00,10.00,40.00,1015.20",
        "2018-01-31 17:10,60.00,5.00,0.10,2.00,80.00,M",
        "2018-01-31 17:53,62.00,7.00,0.25,4.00,90.00,1012.00",
        "2018-01-31 18:53,61.00,M,T,M,M,M",
    ),
    "PBI": ("2018-01-31 23:53,80.00,0.00,0.00,10.00,70.00,1018.00",),
}


def table(reports: Mapping[str, Sequence[str]], stations: Sequence[str]) -> str:
    """Returns the answer of the archive to a request for these stations."""
    lines = [f"{station},{line}" for station in stations for line in reports.get(station, ())]
    return "\n".join([HEADER, *sorted(lines, key=lambda line: line.split(",")[1]), ""])


def query(path: str) -> dict[str, list[str]]:
    """Returns the parameters of a requested path."""
    return parse_qs(urlsplit(path).query)


def answering(reports: Mapping[str, Sequence[str]]) -> Callable[[Request], None]:
    """Answers with the reports of the requested stations."""

    def answer(request: Request) -> None:
        content = table(reports, query(request.path)["station"]).encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/plain")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def cut(reports: Mapping[str, Sequence[str]], *, with_length: bool) -> Callable[[Request], None]:
    """Closes the connection in the middle of the last line."""

    def answer(request: Request) -> None:
        content = table(reports, query(request.path)["station"]).encode()
        request.send_response(200)
        if with_length:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content[:-8])

    return answer


def requests(site: Site) -> list[dict[str, list[str]]]:
    """Returns the parameters of the received requests."""
    return [query(path) for path, _ in site.requests]
