"""Which records stand behind a figure, kept small: sorted keys as differences, seven bits a byte, compressed.

A hundred thousand requests take some 100 KB; the hash is of what is packed, whatever compresses it.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """The keys of records, ascending, and what each of them adds; None where each adds one."""

    keys: tuple[int, ...]
    adds: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def packed(self) -> bytes:
        numbers = [len(self.keys), *_differences(self.keys), *(self.adds or ())]
        return b"".join(map(_varint, numbers))

    @classmethod
    def unpacked(cls, data: bytes) -> "Keys":
        """Raises ValueError where `data` is not what `packed` gives."""
        numbers = list(_numbers(data))
        count, rest = (numbers[0], numbers[1:]) if numbers else (0, [])
        if len(rest) not in (count, 2 * count):
            raise ValueError("keys are cut short")
        keys, last = [], 0
        for step in rest[:count]:
            last += step
            keys.append(last)
        return cls(tuple(keys), tuple(rest[count:]) if count and len(rest) == 2 * count else None)

    def by_key(self) -> dict[int, int]:
        return dict(zip(self.keys, self.adds or (1,) * len(self.keys), strict=True))


def squeezed(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def spread(data: bytes) -> bytes:
    """Raises ValueError."""
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise ValueError("keys cannot be read") from error


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _differences(keys: Sequence[int]) -> Iterator[int]:
    last = 0
    for key in keys:
        if key < last:
            raise ValueError("keys must ascend")
        yield key - last
        last = key


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _numbers(data: Iterable[int]) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        yield number
        number = shift = 0
