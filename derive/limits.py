"""Every number that bounds anything, each with its reason.

Reaching a bound is "too large" or "too slow", never "wrong". The reader measures formulas against these,
the verifier its work, and the command line its runs.
"""

from __future__ import annotations

FORMULA_CHARACTERS = 2_000  # a page of mathematics is about 1,500
NESTING = 40  # brackets within brackets; a ten-layer network written out has 20
PARTS = 2_000  # nodes of a tree; bounds every walk below
NUMBER_DIGITS = 60  # more digits than any measured quantity has
NUMBER_EXPONENT = 2_048  # 2^2048 still prints on half a page
FACTORIAL = 512  # 512! has 1,167 digits
EXPANSION_TERMS = 2_000  # an expanded polynomial nobody reads any more
MATRIX_SIDE = 12  # wider does not fit a page
DERIVATIVE_ORDER = 12  # a product rule doubles its terms each time
VALUE_BITS = 8_192  # exact numbers of an iteration before decimals take over
CHECK_SECONDS = 2.0  # one verdict
PROBLEM_SECONDS = 60.0  # one problem, derivation and verification together, by the processor's clock
PATIENCE = 4  # times that by the clock on the wall, where others use the machine as well
FIT_SECONDS = 45.0  # the runs of one fit; what they reached is then told
TEX_SECONDS = 60.0  # one run of TeX
TEX_FILE_BYTES = 64 * 2**20  # what TeX may write before it is stopped
WORKER_MEMORY_BYTES = 2 * 2**30  # a bounded worker's address space
POOL_WORKER_BYTES = 192 * 2**20  # of a worker of the pool; one that has taken more is replaced
STUDENT_SECONDS = 120.0  # one personal worksheet: derivations, verification and documents
CLUSTER_SECONDS = 10.0  # for a scheduler or its first worker to answer
STEPS_MAXIMUM = 1_000_000  # iterations of a numeric method
STEPS_SHOWN = 10  # iterations written out by hand when nothing else is asked
ARGUMENT_STATES = 4_000  # expressions looked at in search of a way from one line to the next
ARGUMENT_SECONDS = 2.0  # for that search
GRAPH_PATHS = 64  # paths through a graph that are listed; nobody adds up more by hand
GRAPH_NODES = 60  # nodes of a graph that is written out; a picture of more is unreadable
BACKPROPAGATION_NODES = 400  # quantities of a network whose derivatives are written out one by one
ACTIVATION_ASSIGNMENTS = 64  # ways of giving activations to units that are tried; a table of more fills pages
NETWORK_WEIGHTS = 400  # weights of a network that is written out unit by unit; 400 terms fill six pages
FILE_BYTES = 1_000_000  # a problem file
TABLE_BYTES = 256 * 2**20  # a CSV file of data; ten million numbers
TRAINING_SECONDS = 45.0  # of a problem's time that training may take; what it reached by then is shown
TRAINING_EPOCHS = 100_000  # passes over the training data
TRAINING_RUNS = 24  # trainings in one table; more are no page any more
TRAINING_UNITS = 1_000  # units of a layer that is trained
MATRIX_WEIGHTS = 200_000  # weights of a network that is written with matrices; 784-128-10 has 101,632
TRAINING_WEIGHTS = 20_000  # weights of a network that is trained; the step's time is still mostly NumPy's calls
TRAINING_LAYERS = 40  # hidden layers that are trained
TRAINING_POINTS = 100_000  # generated points of a training set; a picture of more is one colour
DATA_ROWS = 10_000_000  # rows of data to fit to; ten columns of them are 800 MB
WORKSHEET_ALIKE = 8  # solved draws that all fail for the very same reason; the next ones would as well
ROSTER_ROWS = 100_000  # people on one roster; a university
WORKSHEET_TRIES = 2_000  # draws for one person; one in two thousand is found, a condition that never holds soon told
WORKSHEET_SOLVED = 60  # of these, draws that are solved to see whether the answer is as wanted
PROBLEMS_IN_FILE = 200  # problems in one file
FORMULAS_IN_TEXT = 5_000  # formulas in one text; a thesis has about 2,000
MISTAKES_TRIED = 16  # wrong answers to one step that are worked out and verified; most are refuted at two points
MISTAKES_KEPT = 3  # of them that a key tells; nobody reads a longer table
MISTAKES_IN_EXERCISE = 40  # wrong answers tried in all for one exercise, however many gaps it has
MISTAKES_REMEMBERED = 4_096  # steps whose wrong answers are remembered in a process; some megabytes
MISTAKE_PARTS = 400  # nodes of an expression that slips are tried on; longer lines are no question
PLOT_POINTS = 400  # points of a plotted curve
