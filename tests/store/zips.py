"""A zip writer that writes whatever it is told, as an attacker's does."""

import struct
import zlib


def a_zip(*files, behind=b"", before=b"", between=b"", comment=b"", **end):
    """The bytes of an archive of files that `a_file` made; `end` changes fields of its end."""
    body, listing = before, b""
    for file in files:
        place = file.get("place", len(body))
        local = {**file, **file.get("local", {})}
        body += _local(local) + file["packed"] + between
        listing += _central(file, place)
    fields = {"here": len(files), "count": len(files), "size": len(listing), "start": len(body)}
    fields |= end
    return body + listing + struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, fields["here"], fields["count"], fields["size"],
        fields["start"], len(comment),
    ) + comment + behind  # fmt: skip


def a_file(name, content=b"{}", *, deflate=False, **changes):
    """One file; `changes` are fields of its headers, `local` those of its own header alone."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush() if deflate else content
    return {
        "name": name.encode() if isinstance(name, str) else name, "packed": packed,
        "flags": 0, "method": 8 if deflate else 0, "crc": zlib.crc32(content),
        "packed_size": len(packed), "size": len(content), "extra": b"", "comment": b"",
        "attributes": 0o100644 << 16, "disk": 0, **changes,
    }  # fmt: skip


def _header(file):
    return struct.pack(
        "<5H3L2H", 20, file["flags"], file["method"], 0, 33, file["crc"], file["packed_size"],
        file["size"], len(file["name"]), len(file["extra"]),
    )  # fmt: skip


def _local(file):
    return b"PK\3\4" + _header(file) + file["name"] + file["extra"]


def _central(file, place):
    return (
        b"PK\1\2" + struct.pack("<H", 0x0314) + _header(file)
        + struct.pack("<3H2L", len(file["comment"]), file["disk"], 0, file["attributes"], place)
        + file["name"] + file["extra"] + file["comment"]
    )  # fmt: skip
