"""Importing this makes Python's collector look seldom, for programs that make much, keep most of it, and end soon.

The command line imports it before all else, and so does the process that workers are forked from. With Python's own
thresholds an eighth of a worker's time, and as much of the time in which modules are imported, goes into looking at
what stays. Nothing else imports it: where derive is a library, how the collector works is not its business.
"""

import gc

gc.set_threshold(50_000, 20, 50)
