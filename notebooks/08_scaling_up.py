# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From one machine to a cluster
#
# A list of five thousand contacts fits anywhere. A million contacts and ten million messages still fit in a notebook,
# if they are read once and kept in columns. Beyond that the same functions run on DuckDB, which works on files larger
# than memory, and on Spark, which works on many machines. You write nothing twice: **the same call, another frame.**

# %% tags=["parameters"]
MIRROR = None  # a folder for the Parquet files; beside the ledger by default

# %%
import duckdb
import polars as pl
from pyspark.sql import SparkSession

import toolkit
import toolkit.data.accessor  # gives frames the methods under .seax
from toolkit.engagement.engagement import by_campaign

ws = toolkit.connect()

# %% [markdown]
# ## A snapshot, for interactive questions
#
# `ws.snapshot()` reads all contacts once. A segment counted on it takes milliseconds at a million contacts, so you can
# try as many variants as you like.

# %%
contacts = ws.snapshot()
segment = toolkit.Segment.parse("labels:vip_customers and field.customer_tier in (gold, platinum)")
segment

# %%
segment.count(contacts)

# %%
rules = ("labels:vip_customers", "field.customer_tier = gold", "name starts with a", "created >= 2026-01-01")
{rule: toolkit.Segment.parse(rule).count(contacts) for rule in rules}

# %% [markdown]
# ## A mirror, so that nothing is read twice
#
# A mirror is a folder of Parquet files. Refreshing it reads what has changed; everything else reads the files, in any
# program, also while a refresh is running.

# %%
mirror = ws.mirror(MIRROR or toolkit.Settings.from_environment().home / "mirror")
mirror.refresh()

# %% [markdown]
# The second refresh finds little to do, and reports how it knows.

# %%
mirror.refresh()

# %%
mirror.campaigns()[["name", "status", "messages"]]

# %% [markdown]
# ## The same question on four engines
#
# Here are the mirror's files in pandas, Polars, DuckDB and Spark. Spark runs in this process now; with the address of a
# cluster in `master`, and the folder where the cluster can read it, nothing else on this page changes.

# %%
# %%capture
settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()

# %%
duck = duckdb.connect()
duck.execute("SET TimeZone = 'UTC'")

people = {
    "pandas": mirror.contacts(),
    "polars": pl.scan_parquet(mirror.paths("contacts")),
    "duckdb": duck.read_parquet(mirror.paths("contacts")),
    "spark": spark.read.parquet(*mirror.paths("contacts")),
}

# %% [markdown]
# `filter` takes any of them and returns the same kind. Polars, DuckDB and Spark have not read a single row yet: they
# work when you ask for the result, and only on the columns that the segment needs.

# %%
chosen = {engine: segment.filter(frame) for engine, frame in people.items()}
{
    "pandas": len(chosen["pandas"]),
    "polars": chosen["polars"].select(pl.len()).collect().item(),
    "duckdb": len(chosen["duckdb"]),
    "spark": chosen["spark"].count(),
}

# %% [markdown]
# ## The same measure on four engines
#
# Engagement is written once, too. Rates have their denominators beside them, and 95 % intervals.

# %%
measured = by_campaign(duck.read_parquet(mirror.paths("logs")))
measured.df()[["campaign_id", "attempted", "sent", "delivered", "delivery_rate", "delivery_low", "delivery_high"]]

# %%
by_campaign(spark.read.parquet(*mirror.paths("logs"))).select("campaign_id", "sent", "delivered").show()

# %%
mirror.logs().seax.funnel()

# %% [markdown]
# A segment may use the outcome of messages; then it needs the log.

# %%
reached = toolkit.Segment.parse("labels:vip_customers and delivered >= 2026-02-01")
logs = duck.read_parquet(mirror.paths("logs"))
len(reached.filter(people["duckdb"], logs=logs, as_of=contacts.read_time))

# %% [markdown]
# ## Since when?
#
# The mirror keeps what changed between refreshes: who gained a label, who lost one, who opted out. Nobody did in the
# seconds since the first one; refresh it every morning, and this is the list of opt-outs since yesterday.

# %%
since = mirror.snapshot().read_time
mirror.opted_out(since)

# %% [markdown]
# ## With too little memory
#
# `iter_batches` returns a page at a time and forgets it; memory does not grow with the list.

# %%
max(batch["created_time"].max() for batch in ws.iter_batches())

# %%
spark.stop()
