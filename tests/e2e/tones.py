"""What can be heard in a recording: the tones of both phones told apart, window by window, and silence from either.

A recording is read while it is still being written: its header is not believed, only its samples.
"""

import array
import cmath
import math
import pathlib
import statistics
import struct
import sys

RATE = 8000
WINDOW = 1024  # Samples looked at together: 128 ms, bins of 7.8 Hz.
LOUD = 500.0  # Of 32,767: the phones' tones have 8,000, a decoder's silence below 10.


def read(path, start=0):
    """The samples of a 16-bit mono WAV at 8,000 a second from sample `start` on."""
    data = pathlib.Path(path).read_bytes()
    begin = _body(data)
    if begin is None:
        return array.array("h")
    begin += 2 * start
    samples = array.array("h", data[begin:begin + (len(data) - begin) // 2 * 2] if begin < len(data) else b"")
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def length(path):
    """How many samples there are by now."""
    path = pathlib.Path(path)
    with open(path, "rb") as file:
        begin = _body(file.read(4096))
    return 0 if begin is None else (path.stat().st_size - begin) // 2


def _body(data):
    """Where the samples begin; nothing while the head is not there. Raises ValueError for another format."""
    position = 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        if name == b"data":
            return position + 8
        if position + 8 + size > len(data):
            return None
        if name == b"fmt ":
            channels, rate, bits = struct.unpack_from("<HI6xH", data, position + 10)
            if (channels, rate, bits) != (1, RATE, 16):
                raise ValueError(f"{channels} channels, {rate} Hz, {bits} bits are not what is read here")
        position += 8 + size + size % 2
    return None


def spectrum(samples):
    """Amplitudes of the frequencies n * RATE / WINDOW in one window of samples, n up to half of it."""
    shaped = [sample * (0.5 - 0.5 * math.cos(2 * math.pi * n / WINDOW)) for n, sample in enumerate(samples)]
    # The window halves a tone, and half of what is left is in the mirrored part.
    return [abs(value) * 4 / WINDOW for value in _transform(shaped)[:WINDOW // 2]]


def _transform(values):
    size = len(values)
    if size == 1:
        return values
    even, odd = _transform(values[::2]), _transform(values[1::2])
    turned = [cmath.exp(-2j * math.pi * n / size) * value for n, value in enumerate(odd)]
    return [a + b for a, b in zip(even, turned)] + [a - b for a, b in zip(even, turned)]


def at(amplitudes, hertz):
    """The amplitude of a tone of `hertz`: the bin it falls into, and one on either side."""
    middle = round(hertz * WINDOW / RATE)
    return max(amplitudes[middle - 1:middle + 2])


def heard(samples):
    """The loudest frequency of each whole window, in hertz; None for a window of silence."""
    found = []
    for start in range(0, len(samples) - WINDOW + 1, WINDOW):
        window = samples[start:start + WINDOW]
        if max(map(abs, window)) < LOUD:
            found.append(None)
            continue
        amplitudes = spectrum(window)
        loudest = max(range(1, len(amplitudes) - 1), key=amplitudes.__getitem__)
        # A tone between two bins is in both: its place is where their weight is.
        bins = range(loudest - 1, loudest + 2)
        found.append(sum(n * amplitudes[n] for n in bins) / sum(amplitudes[n] for n in bins) * RATE / WINDOW)
    return found


def is_tone(frequency, hertz):
    """A window's loudest frequency is that of a tone of `hertz`, as exactly as a window tells."""
    return frequency is not None and abs(frequency - hertz) <= RATE / WINDOW


def share(samples, hertz):
    """How many of the windows that hold a sound hold mostly `hertz`; 0.0 where there is none at all."""
    sounds = [frequency for frequency in heard(samples) if frequency is not None]
    return sum(is_tone(frequency, hertz) for frequency in sounds) / len(sounds) if sounds else 0.0


def level(samples, hertz):
    """The mean amplitude of `hertz` over all windows."""
    levels = [at(spectrum(samples[start:start + WINDOW]), hertz)
              for start in range(0, len(samples) - WINDOW + 1, WINDOW)]
    return sum(levels) / len(levels) if levels else 0.0


def dominant(samples):
    """The frequency in the middle of all that the windows hold, in hertz; None when none holds a sound."""
    sounds = [frequency for frequency in heard(samples) if frequency is not None]
    return statistics.median(sounds) if sounds else None
