"""Where tests find the repository's own folders, and the development data beside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "audio" / "seed"
SEEDS = ROOT / "seeds"
GOLDEN = ROOT / "tests" / "golden"
SHARED = ROOT.parent / "shared"
