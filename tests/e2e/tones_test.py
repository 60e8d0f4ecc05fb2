"""The ear of the tests hears what is there: a test of media is worth no more than it."""

import array
import math
import wave

import pytest

import phone
import tones


@pytest.fixture
def recording(tmp_path):
    """Writes the tone that a phone plays: `recording(hertz, seconds)` is its file."""
    def write(hertz, seconds=2):
        path = tmp_path / f"{hertz}.wav"
        phone.write_tone(path, hertz, seconds)
        return path
    return write


def mixed(*parts, seconds=1):
    """Samples of several (hertz, amplitude) at once."""
    return array.array("h", (int(sum(amplitude * math.sin(2 * math.pi * hertz * n / tones.RATE)
                                     for hertz, amplitude in parts)) for n in range(tones.RATE * seconds)))


@pytest.mark.parametrize("hertz", [440, 660])
def test_a_phones_tone_is_what_is_heard_in_its_file(recording, hertz):
    samples = tones.read(recording(hertz))

    assert abs(tones.dominant(samples) - hertz) < 2
    assert tones.share(samples, hertz) == 1.0


@pytest.mark.parametrize("own, other", [(440, 660), (660, 440)])
def test_the_one_tone_is_not_taken_for_the_other(recording, own, other):
    samples = tones.read(recording(own))

    assert tones.share(samples, other) == 0.0
    assert tones.level(samples, other) < 0.005 * tones.level(samples, own)


def test_a_level_is_the_amplitude_of_its_tone():
    samples = mixed((440, 8000), (660, 400))

    # A tone between two bins is measured up to 15 % too faint.
    assert tones.level(samples, 440) == pytest.approx(8000, rel=0.16)
    assert tones.level(samples, 660) == pytest.approx(400, rel=0.16)


def test_a_faint_echo_of_the_own_tone_is_found_beside_the_other():
    samples = mixed((440, 8000), (660, 200))

    assert tones.level(samples, 660) > 0.02 * tones.level(samples, 440)


def test_silence_holds_no_tone():
    samples = array.array("h", [3, -3] * 8000)

    assert set(tones.heard(samples)) == {None}
    assert tones.dominant(samples) is None and tones.share(samples, 440) == 0.0


def test_a_pause_in_a_tone_is_heard_where_it_is():
    samples = mixed((440, 8000)) + array.array("h", [0] * 8192) + mixed((440, 8000))

    found = tones.heard(samples)

    assert [tones.is_tone(frequency, 440) for frequency in found[:7]] == [True] * 7
    assert found[8:15] == [None] * 7
    assert [tones.is_tone(frequency, 440) for frequency in found[-7:]] == [True] * 7


def test_a_recording_that_is_still_written_is_read_as_far_as_it_goes(recording):
    """The sizes in its head are of its beginning, and its last sample may be half there."""
    path = recording(440)
    whole = bytearray(path.read_bytes())
    whole[40:44] = b"\0\0\0\0"
    path.write_bytes(whole[:44 + 2 * 5000 + 1])

    assert tones.length(path) == 5000
    assert len(tones.read(path, 4000)) == 1000
    path.write_bytes(whole[:20])
    assert tones.length(path) == 0


def test_another_format_is_refused_and_not_misheard(tmp_path):
    path = tmp_path / "fast.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(bytes(4000))

    with pytest.raises(ValueError):
        tones.read(path)
