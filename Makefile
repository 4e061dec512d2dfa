# `make` is short for `python3 tasks.py`, which also runs where there is no make.
PYTHON ?= python3
TASKS := demo test check docs tests quick coverage lab page notebooks bench soak evals floors versions kernels screens bundle wheel lock clean

.PHONY: help $(TASKS)

help:
	@$(PYTHON) tasks.py

$(TASKS):
	@$(PYTHON) tasks.py $@
