"""Which voice speaks each quarter second: the likeliest path through the voices, and who else speaks in overlaps."""

from __future__ import annotations

import numpy as np

from models.diarization.tracks import LocalTracks, stretches_of

COSINE_WEIGHT = 8.0
"""Log-odds per second of speech and unit of cosine."""
UNHEARD_CHANGE = 1.0
"""Cost of a change of voice where the segmentation network found none..."""
HEARD_CHANGE = 0.5
"""...and where it found one, or a pause."""
PAUSE_S = 0.55
"""From this distance between the middles of two quarter seconds on there is a pause between them."""
FULL_FRAMES = 25.0
"""Trunk frames (half a second) from which a pooled voice counts in full."""
NEAR_S = 5.0
"""Speech on each side of an overlap in which its other voice is looked for."""
TOGETHER_S = 1.0
"""So much speech of two voices at once, unbroken, proves a second voice even if it never speaks alone. Recordings with
one voice at a time have overlaps of at most 0.6 s, mistaken ones."""
ROUNDS = 3
"""Times that voices are averaged anew over what they were given."""


def follow_voices(
    heard: np.ndarray,
    frames: np.ndarray,
    seconds: np.ndarray,
    run: np.ndarray,
    at: np.ndarray,
    centres: np.ndarray,
    *,
    least: int = 1,
    least_s: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The voice of each atom (n,), and the voices (k, 192) averaged over what they speak.

    ``heard`` (n, 192): voice around each atom; ``frames`` (n,): what it was pooled from. A voice left with less than
    ``least_s`` seconds is given up, unless fewer than ``least`` would remain.
    """
    trust = np.minimum(1.0, frames / FULL_FRAMES)
    change = np.where((run[1:] != run[:-1]) | (np.diff(at) > PAUSE_S), HEARD_CHANGE, UNHEARD_CHANGE)

    def path() -> np.ndarray:
        return best_path(COSINE_WEIGHT * (seconds * trust)[:, None] * (heard @ centres.T), change)

    for _ in range(ROUNDS):
        spoken = np.eye(len(centres))[path()]
        total = spoken.T @ seconds
        bar = min(least_s, np.sort(total)[-min(least, len(total))])
        sums = (spoken * (seconds * trust)[:, None]).T @ heard
        centres = np.where(total[:, None] > 0, sums / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)[:, None], centres)
        centres = centres[total >= bar]
    voice = path()
    used, voice = np.unique(voice, return_inverse=True)
    return voice, centres[used]


def best_path(scores: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The path (n,) of highest summed score, scores (n, voices), that pays ``change`` (n - 1,) per change (Viterbi)."""
    steps, voices = scores.shape
    back = np.zeros((steps, voices), np.int32)
    total = scores[0].copy()
    stay = np.arange(voices)
    for step in range(1, steps):
        best = int(total.argmax())
        moved = total[best] - change[step - 1]
        back[step] = np.where(total >= moved, stay, best)
        total = np.maximum(total, moved) + scores[step]
    path = np.empty(steps, int)
    path[-1] = total.argmax()
    for step in range(steps - 1, 0, -1):
        path[step - 1] = back[step, path[step]]
    return path


def active_voices(tracks: LocalTracks, voice: np.ndarray, count: int) -> np.ndarray:
    """Who speaks in each frame, (frames, voices) of bool, from who speaks where one speaks alone (-1 elsewhere).

    Where the segmentation finds several, each of its slots is the voice that it mostly is in its window when alone,
    else the nearest other voice in time, else one that never speaks alone.
    """
    active = np.zeros((tracks.frames, count), bool)
    alone = np.flatnonzero(voice >= 0)
    active[alone, voice[alone]] = True
    together = np.flatnonzero(tracks.count >= 2)
    if not len(alone) or not len(together):
        return active
    reach = round(NEAR_S / tracks.frame_s)
    unheard = [v for v in range(count) if not (voice == v).any()]
    votes = {window: _votes(tracks, window, voice, count) for window in np.unique(tracks.owner[together])}
    for frame in together:
        window = tracks.owner[frame]
        slots = np.flatnonzero(tracks.windows[window, tracks.place[frame]])
        near = _nearest_voices(voice, alone, int(frame), reach)
        for slot in sorted(slots, key=lambda s: -votes[window][s].max()):
            free = np.where(active[frame], 0, votes[window][slot])
            if free.max() > 0:
                active[frame, free.argmax()] = True
            else:
                other = next((v for v in (*near, *unheard) if not active[frame, v]), None)
                if other is not None:
                    active[frame, other] = True
    return active


def voices_at_once(tracks: LocalTracks) -> int:
    """How many voices are heard together for a second and longer."""
    for number in range(int(tracks.count.max(initial=0)), 1, -1):
        together = stretches_of(tracks.count >= number)
        if any((last - first) * tracks.frame_s >= TOGETHER_S for first, last in together):
            return number
    return 1


def _votes(tracks: LocalTracks, window: int, voice: np.ndarray, count: int) -> np.ndarray:
    """Frames that each slot of a window speaks alone, by the voice they were given: (slots, voices)."""
    local = tracks.windows[window]
    frames = np.minimum(tracks.first[window] + np.arange(len(local)), tracks.frames - 1)
    single = (local.sum(1) == 1) & (voice[frames] >= 0)
    return np.eye(count)[voice[frames][single]].T.dot(local[single]).T


def _nearest_voices(voice: np.ndarray, alone: np.ndarray, frame: int, reach: int) -> list[int]:
    place = int(np.searchsorted(alone, frame))
    around = alone[max(0, place - reach) : place + reach]
    around = around[np.argsort(np.abs(around - frame), kind="stable")]
    return list(dict.fromkeys(int(v) for v in voice[around]))
