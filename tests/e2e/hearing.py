"""What one phone hears of another during a call: the other's tone and not its own."""

import dataclasses

import tones
from peers.processes import eventually

# The first half second is left out: a call begins with silence and a jitter buffer that fills.
BEGINNING = tones.RATE // 2


@dataclasses.dataclass(frozen=True)
class Heard:
    """Of `seconds` of a recording: the frequency most of it holds, how much of what sounds is the other's tone, and how
    loud both tones are (amplitudes of 32,767)."""

    seconds: float
    dominant: float
    share: float
    other: float
    own: float


class Ear:
    """Made before a call; listens to what the phone records of it."""

    def __init__(self, phone):
        self._phone = phone
        self._former = set(phone.recordings())

    def recording(self):
        """The file of this call; None while nothing was heard."""
        return next((path for path in self._phone.recordings() if path not in self._former), None)

    def listen(self, other, seconds=2.0, patience=40.0):
        """What is heard of the phone `other` once there are `seconds` of sound."""
        wanted = BEGINNING + int(seconds * tones.RATE)

        def length():
            return tones.length(self.recording()) if self.recording() else 0
        eventually(lambda: length() >= wanted,
                   lambda: f"{seconds:g} s heard at {self._phone.user}; there are {length()} samples\n"
                           f"{self._phone.process.tail(60)}", patience)
        samples = tones.read(self.recording(), BEGINNING)[:wanted - BEGINNING]
        return Heard(seconds, tones.dominant(samples), tones.share(samples, other.tone), tones.level(samples, other.tone),
                     tones.level(samples, self._phone.tone))

    def assert_hears(self, other, seconds=2.0):
        """The other's tone is what is heard, and the own tone is not in it."""
        heard = self.listen(other, seconds)
        told = f"{self._phone.user} listens for {other.tone} Hz: {heard}"
        assert tones.is_tone(heard.dominant, other.tone), told
        assert heard.share >= 0.9, told
        # The phones play an amplitude of 8,000; a lost packet is a pause, so the mean may be lower.
        assert heard.other > 4000 and heard.own < 0.02 * heard.other, told
        return heard
