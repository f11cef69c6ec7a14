"""Generator of malformed and valid requests; the same seed gives the same requests."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.contract.support import malformed_values as words
from tests.tiny_bundle import EXAMPLE


@dataclass(frozen=True)
class Request:
    """The bytes of one POST /invocations."""

    head: bytes
    body: bytes

    @property
    def data(self) -> bytes:
        length = b"content-length: %d\r\n\r\n" % len(self.body)
        return self.head + length + self.body


class MalformedRequests:
    """Generates requests from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  # reproducible, on purpose
        rare = [self._noise, self._spliced, self._nested, self._twice, self._encoded, self._too_many]
        self._kinds = [*[self._likely, self._table] * 4, self._right, self._truncated, self._altered, *rare]

    def request(self) -> Request:
        """Returns the next request."""
        body = self._random.choice(self._kinds)()
        lines = ["POST /invocations" + self._query() + " HTTP/1.1", "host: model"]
        lines += [f"content-type: {self._content_type(body)}"]
        lines += [self._random.choice(words.HEADERS)] if self._random.random() < 0.1 else []
        return Request("".join(f"{line}\r\n" for line in lines).encode("latin-1"), body)

    def _query(self) -> str:
        return "?" + self._random.choice(words.QUERIES) if self._random.random() < 0.2 else ""

    def _content_type(self, body: bytes) -> str:
        if self._random.random() < 0.1:
            return self._random.choice(words.CONTENT_TYPES)
        return "application/json" if body[:1] in b"{[" else "text/csv"

    def _value(self, depth: int = 0) -> Any:
        kind = self._random.randrange(30)
        if kind == 0 and depth < 3:
            return [self._value(depth + 1) for _ in range(self._random.randrange(4))]
        if kind == 1 and depth < 3:
            return {self._name(): self._value(depth + 1) for _ in range(self._random.randrange(4))}
        if kind == 2:
            return self._random.choice(words.TEXTS)
        return self._random.choice([*words.NUMBERS, *words.WORDS, None, True])

    def _name(self) -> str:
        return self._random.choice(words.NAMES * 10 + words.ODD_NAMES)

    def _row(self) -> Any:
        if self._random.random() < 0.6:
            return EXAMPLE
        return {"size": 1} | {self._name(): self._value() for _ in range(self._random.randrange(6))}

    def _shape(self) -> Any:
        rows = [self._row() for _ in range(self._random.choice([0, 1, 2, 5, 30]))]
        arrays = [[1, *(self._value() for _ in range(self._random.randrange(6)))] for _ in rows]
        member = self._random.choice([*("instances", "values", "data") * 3, "rows"])
        content = {"instances": rows, "values": arrays, "data": self._csv()}.get(member, rows)
        return self._random.choice(
            [self._row(), {member: content}, {member: content}, {member: self._value()}]
        )

    def _right(self) -> bytes:
        table = "size,kind\r\n1,ant\r\n2,bee\r\n"
        shapes = [EXAMPLE, {"instances": [EXAMPLE] * 3}, {"values": [[1], [2, 3]]}, {"data": table}]
        return json.dumps(self._random.choice(shapes)).encode()

    def _likely(self) -> bytes:
        return json.dumps(self._shape()).encode()

    def _too_many(self) -> bytes:
        rows = self._random.choice([1_000, 1_001])
        shapes = [{"instances": [{"size": 1}] * rows}, {"values": [[1]] * rows}, {"data": "1\n" * rows}]
        huge = [{"data": "x" * 1_048_576}, {"data": "1\n" * 999 + "," * 500_000}]
        return json.dumps(self._random.choice([*shapes * 4, *huge])).encode()

    def _truncated(self) -> bytes:
        whole = self._likely()
        return whole[: self._random.randrange(len(whole))]

    def _altered(self) -> bytes:
        body = bytearray(self._likely())
        for _ in range(self._random.choice([1, 1, 3, 10])):
            place = self._random.randrange(len(body))
            body[place : place + self._random.randrange(2)] = self._random.choice(words.BYTES)
        return bytes(body)

    def _noise(self) -> bytes:
        return self._random.randbytes(self._random.choice([0, 1, 10, 200, 3_000]))

    def _spliced(self) -> bytes:
        """Returns a body with an invalid or too large number in the place of a number."""
        number = self._random.choice(words.HUGE + words.NO_NUMBERS)
        text = self._random.choice(
            ['{"size":@}', '{"values":[[1,@]]}', '{"instances":[{"sise":@}]}', "size\n@\n", "@"]
        )
        return text.replace("@", number).encode()

    def _nested(self) -> bytes:
        depth = self._random.choice([10, 500, 1_100, 20_000])
        opening = self._random.choice(["[", '{"size":', '{"instances":[', '{"values":[[', '[{"data":'])
        return (opening * depth).encode() + b"1" + b"]}" * self._random.choice([0, depth])

    def _twice(self) -> bytes:
        name, member = self._random.choice(words.NAMES), self._random.choice(["instances", "values", "data"])
        first, second = json.dumps(self._value()), json.dumps(self._value())
        row = f'{{"{name}":{first},"{name}":{second}}}'
        many = f'{{"{member}":[{row}],"{member}":[{first}]}}'
        return self._random.choice([row, f'{{"instances":[{row}]}}', many]).encode()

    def _encoded(self) -> bytes:
        text = json.dumps(self._shape(), ensure_ascii=False)
        return text.encode(self._random.choice(words.ENCODINGS), "replace")

    def _table(self) -> bytes:
        return self._csv().encode("utf-8", self._random.choice(["surrogatepass", "replace"]))

    def _csv(self) -> str:
        end = self._random.choice(["\n", "\n", "\r\n", "\r\n", "\r", "\n\n", ";"])
        comma = self._random.choice([",", ",", ",", ",", ",", ";", "\t", ", "])
        header = [self._name() for _ in range(self._random.randrange(4))]
        lines = [self._random.choice([words.NAMES, header])] if self._random.random() < 0.7 else []
        lines += [self._cells() for _ in range(self._random.choice([0, 1, 2, 20]))]
        return self._random.choice(["", "", "\ufeff"]) + end.join(comma.join(line) for line in lines)

    def _cells(self) -> list[str]:
        if self._random.random() < 0.7:
            return ["1", "2", "", "17:45", "ant"][: self._random.randrange(1, 6)]
        odd = words.NO_NUMBERS if self._random.random() < 0.9 else words.BROKEN_CELLS
        return [self._random.choice(words.CELLS * 3 + odd) for _ in range(self._random.randrange(7))]
