#!/usr/bin/env python3
"""hostile.py SAMPLES - archives made to harm who unpacks them: refused whole, nothing written, nothing unbounded.

With --skip-unsafe the sound profile that each of them holds, too, is read.
"""
import io
import os
import resource
import struct
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile
import zlib

SAMPLES = os.path.abspath(sys.argv[1])
with open(os.path.join(SAMPLES, "new.folded"), "rb") as sample:
    PROFILE = sample.read()
MIB = 1 << 20
SANITIZED = sys.argv[2:] == ["sanitized"]
MOST_MEMORY = 300 * MIB  # of any run, with what it is started from
faults = []
warnings.simplefilter("ignore")  # a zip is made in which a name comes twice


def member(name, data=b"x", kind=tarfile.REGTYPE, link="", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def tar(*members):
    """A sound profile, then the members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for info, data in (member("sound.folded", PROFILE),) + members:
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("sound.folded", PROFILE)
        for info, data in members:
            z.writestr(info, data)
    return out.getvalue()


def zip_link():
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return zipped((info, "../../outside"))


def header(size, name=b"x"):
    """A tar header whose size field is these bytes."""
    head = bytearray(512)
    head[:len(name)], head[100:108], head[124:136], head[156:157] = name, b"0000644\0", size, b"0"
    head[257:265], head[148:156] = b"ustar\x0000", b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def sparse():
    """GNU's sparse file: a block of data that says it is 2^62 bytes long."""
    head = bytearray(header(b"00000001000\0"))
    head[156:157], head[257:265] = b"S", b"ustar  \0"
    head[386:398], head[398:410] = b"\x80" + (1 << 61).to_bytes(11, "big"), b"00000001000\0"
    head[483:495], head[148:156] = b"\x80" + (1 << 62).to_bytes(11, "big"), b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + b"D" * 512 + bytes(1024)


def zstd_zeros(head, blocks):
    """A zstd frame: these bytes, then blocks of 128 KiB of zeros, 4 bytes each."""
    return (b"\x28\xb5\x2f\xfd\x00\x38" + struct.pack("<I", len(head) << 3)[:3] + head
            + (struct.pack("<I", 1 << 17 << 3 | 1 << 1)[:3] + b"\0") * blocks + b"\x01\0\0")


def overlapping(n, size):
    """A zip whose directory names one packed block of zeros n times."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = pack.compress(bytes(size)) + pack.flush()
    crc = zlib.crc32(bytes(size))
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 33, crc, len(data), size, 1, 0) + b"a" + data
    directory = b"".join(struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 33, crc, len(data), size, 5, 0, 0, 0,
                                     0, 0o644 << 16, 0) + b"%05d" % i for i in range(n))
    return local + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, n, n, len(directory), len(local), 0)


def deflated(block, n):
    """A block n times behind itself, packed at the cost of packing it once."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (pack.compress(block) + pack.flush(zlib.Z_FULL_FLUSH)) * n + b"\3\0"


def zip_of(name, block, n, size=None):
    """A zip with one member; size: what it says of itself."""
    data, size, crc = deflated(block, n), len(block) * n if size is None else size, 0
    for _ in range(n):
        crc = zlib.crc32(block, crc)
    said = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0)
    local = struct.pack("<I", 0x04034B50) + said + name + data
    directory = struct.pack("<IH", 0x02014B50, 20) + said + struct.pack("<HHHII", 0, 0, 0, 0o644 << 16, 0) + name
    return local + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(directory), len(local), 0)


def bad_crc():
    data = bytearray(zipped())
    data[data.find(b"sound.folded") + 40] ^= 1
    return bytes(data)


def encrypted():
    data = bytearray(zipped(("secret.folded", PROFILE)))
    for magic, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.rfind(magic) + flags] |= 1
    return bytes(data)


SYM, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
# name: (archive, whether --skip-unsafe reads the sound profile in it)
ARCHIVES = {
    "up.tar": (tar(member("../outside")), True),
    "deep-up.tar": (tar(member("a/b/../../../outside")), True),
    "backslash-up.tar": (tar(member("a\\..\\..\\outside")), True),
    "absolute.tar": (tar(member("/outside")), True),
    "drive.tar": (tar(member("C:\\outside")), True),
    "symlink.tar": (tar(member("l", kind=SYM, link="../.."), member("l/outside")), True),
    "symlink-over.tar": (tar(member("l", kind=SYM, link="outside"), member("l")), True),
    "hardlink.tar": (tar(member("l", kind=HARD, link="../outside")), True),
    "device.tar": (tar(member("zero", kind=tarfile.CHRTYPE)), True),
    "disk.tar": (tar(member("disk", kind=tarfile.BLKTYPE)), True),
    "pipe.tar": (tar(member("pipe", kind=tarfile.FIFOTYPE)), True),
    "twice.tar": (tar(member("sound.folded", b"main 1\n")), True),
    "long-name.tar": (tar(member("a/" * 3000 + "b")), True),
    "up.zip": (zipped(("../outside", "x")), True),
    "symlink.zip": (zip_link(), True),
    "twice.zip": (zipped(("sound.folded", PROFILE)), True),
    "encrypted.zip": (encrypted(), True),
    "huge-size.tar": (header(b"77777777777\0") + bytes(512), False),
    "base256-size.tar": (header(b"\x80\0\0\0\x7f" + b"\xff" * 7), False),
    "negative-size.tar": (header(b"\xff" * 12), False),
    "sparse.tar": (sparse(), False),
    "cut-data.tar": (tar()[:1024], False),
    "bad-sum.tar": (tar()[:150] + b"9" + tar()[151:], False),
    "bomb.tar.zst": (zstd_zeros(header(b"77777777777\0"), 4096), False),
    "small-bomb.tar.zst": (zstd_zeros(header(b"10000000000\0"), 10000), False),
    "overlap.zip": (overlapping(500, 10 * MIB), False),
    "bomb.zip": (zip_of(b"zeros", bytes(MIB), 600), False),
    "bomb-that-lies.zip": (zip_of(b"zeros", bytes(MIB), 600, 10), False),
    "bad-crc.zip": (bad_crc(), False),
    "not-a-tar.tar.zst": (zstd_zeros(b"truly not", 1), False),
}
# No harm in these: read, with every name shown as it may be.
HARMLESS = {
    "odd-names.tar": tar(member("a\nFAKE 99", PROFILE), member("\x1b[2J\x07", PROFILE), member("a\u202egpj", PROFILE),
                         member("--checkpoint-action=exec=touch RAN", PROFILE), member("-rf", PROFILE)),
    "setuid.tar": tar(member("s", PROFILE, mode=0o6755)),
    "tail.tar": tar() + b"GARBAGE" * 1000,
    "no-end.tar": tar()[:((len(PROFILE) + 511) // 512 + 1) * 512],
    "no-profiles.tar": tar(*[member("e%d" % i) for i in range(3000)]),
}


def limits():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * MIB, 64 * MIB))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def run(words, cwd, most="16M"):
    return subprocess.run(["profarchive"] + words + ["--max-unpacked", most], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          preexec_fn=limits)


def shown_plainly(text):
    return all(b == 10 or 32 <= b < 127 for b in text)


def check(name, what, true, got):
    if not true:
        faults.append("%s: %s: status %d, stderr %r" % (name, what, got.returncode, got.stderr[:300]))


def large(work):
    """A profile of 256 MiB of text is read as a stream; half a gigabyte and more is refused, whatever may be unpacked."""
    lines = b"".join(b"main;loop;step_%d 1\n" % (i % 10) for i in range(MIB // 19))
    for name, n, status in (("large.zip", 256, 0), ("too-large.zip", 540, 2)):
        with open(os.path.join(work, name), "wb") as f:
            f.write(zip_of(b"large.folded", lines, n))
        got = run(["list", name], work, "2G")
        check(name, "list", got.returncode == status and got.stderr.count(b"\n") == (status > 0), got)
        os.remove(os.path.join(work, name))


def untouched(folder, work, names):
    left = sorted(os.listdir(work))
    if left != sorted(names):
        faults.append("left behind: %s" % left)
    if sorted(os.listdir(folder)) != ["a", "outside"]:
        faults.append("outside: %s" % os.listdir(folder))
    with open(os.path.join(folder, "outside"), "rb") as f:
        if f.read() != b"not yours":
            faults.append("a file outside was changed")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = os.path.join(folder, "a")
        os.mkdir(work)
        with open(os.path.join(folder, "outside"), "wb") as f:
            f.write(b"not yours")
        every = {name: data for name, (data, _) in ARCHIVES.items()}
        every.update(HARMLESS)
        for name, data in every.items():
            with open(os.path.join(work, name), "wb") as f:
                f.write(data)
        for name, (_, skipped) in ARCHIVES.items():
            for command in ("list", "cat"):
                got = run([command, name], work)
                said = [line for line in got.stderr.splitlines() if not line.endswith(b": left out")]
                check(name, command, got.returncode == 2 and not got.stdout and len(said) == 1, got)
                got = run([command, name, "--skip-unsafe"], work)
                check(name, command + " --skip-unsafe", got.returncode == (0 if skipped else 2), got)
                if skipped and command == "list":
                    check(name, "the sound profile", b"name=sound.folded\n" in got.stdout, got)
        for name in HARMLESS:
            got = run(["list", name], work)
            check(name, "list", got.returncode == 0 and shown_plainly(got.stdout + got.stderr), got)
        if not SANITIZED:  # which would take a minute, and memory of its own
            large(work)
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
            if most > MOST_MEMORY:
                faults.append("%d MiB of memory" % (most // MIB))
        untouched(folder, work, every)
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
