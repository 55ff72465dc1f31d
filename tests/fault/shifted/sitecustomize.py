"""Puts the clock of a process that finds this on its path off by FAULT_CLOCK_SHIFT_S seconds, from its start on.

It must not know whose clock it is. What is measured with a monotonic clock is left alone, as it would be in truth.
"""

import os
import time

_shift_s = float(os.environ.get("FAULT_CLOCK_SHIFT_S", "0"))
_time, _time_ns = time.time, time.time_ns

time.time = lambda: _time() + _shift_s
time.time_ns = lambda: _time_ns() + round(_shift_s * 1_000_000_000)
