"""A batch on a Ray cluster of two machines (processes of this one), one of which is lost on the way.

python two_machines.py CASE IN OUT [--kill]: exit status of the batch; prints the numbers of machines before and after.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"


def main(case: Path, source: Path, out: Path, *, kill: bool) -> int:
    import ray
    from ray.cluster_utils import Cluster

    from pipeline.batch.rounds import run_sources
    from pipeline.settings import Settings

    memory = {"object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **memory})
    nodes = [cluster.add_node(num_cpus=1, **memory) for _ in range(2)]
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    print("machines", machines(ray), flush=True)

    def lose_one() -> None:
        while not list(out.glob("*/*/result.json")):
            time.sleep(0.01)
        cluster.remove_node(nodes[0], allow_graceful=False)
        print("lost one after", len(list(out.glob("*/*/result.json"))), flush=True)

    if kill:
        threading.Thread(target=lose_one, daemon=True).start()
    status = run_sources([str(source)], Settings(out=out, scripted=case, on="ray", jobs=2))
    while kill and machines(ray) == 3:
        time.sleep(0.1)
    print("machines", machines(ray), flush=True)
    ray.shutdown()
    cluster.shutdown()
    return status


def machines(ray) -> int:
    return sum(node["Alive"] for node in ray.nodes())


if __name__ == "__main__":
    case, source, out = map(Path, sys.argv[1:4])
    sys.exit(main(case, source, out, kill="--kill" in sys.argv))
