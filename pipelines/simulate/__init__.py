"""A simulated network: extracts in the formats of real systems, and the truth beside them."""

from pipelines.simulate.defects import NO_DEFECTS, Rates
from pipelines.simulate.extracts import WrittenFile
from pipelines.simulate.live import emit_live
from pipelines.simulate.run import SimulationResult, simulate, simulate_batches

__all__ = [
    "NO_DEFECTS",
    "Rates",
    "SimulationResult",
    "WrittenFile",
    "emit_live",
    "simulate",
    "simulate_batches",
]
