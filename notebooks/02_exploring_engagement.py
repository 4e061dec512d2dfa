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
# # The outcome of our messages
#
# This workspace has sent campaigns for a year and a half. This notebook asks the usual questions about such a
# history: do messages arrive, when did we send, which campaigns performed better, whom do we still reach, and is a
# difference significant? It only reads; nothing is sent.

# %% tags=["parameters"]
ZONE = "America/New_York"  # the time zone of the heat map

# %%
import pandas as pd

import toolkit
import toolkit.data.accessor  # gives frames the methods under .seax
from toolkit import plots
from toolkit.engagement.counters import click_rates
from toolkit.widgets import LogExplorer

ws = toolkit.connect()
campaigns = ws.campaigns()
logs = ws.logs([campaign.id for campaign in campaigns])
f"{len(campaigns)} campaigns, {len(logs):,} messages"

# %% [markdown]
# The log is a pandas frame with one row per message. Everything below is computed from it, with the same functions that
# run on Polars, DuckDB and Spark when it gets too large for pandas (see *scaling up*).

# %%
logs[["contact_name", "status", "sent_time", "delivered_time", "error"]].tail(3)

# %% [markdown]
# ## Do messages arrive?
#
# A rate without its denominator shows little, so every plot here has both, and a 95 % interval: the range in
# which the true rate would be in 19 of 20 such samples.

# %%
plots.funnel(logs.seax.funnel())

# %% [markdown]
# *Attempted* is everything we requested; *sent* was handed to a carrier; *delivered* was confirmed by the carrier. SMS
# has no read receipts, so the funnel ends there: nobody knows how many were read.
#
# ## When did we send?

# %%
plots.over_time(logs.seax.by_period(every="day"))

# %%
plots.heat_map(logs.seax.by_hour(zone=ZONE), zone=ZONE)

# %% [markdown]
# Always around noon, most often in the middle of the week. Whether another hour would be better this history cannot
# show: we never tried one. That takes an experiment (see *an experiment, from question to decision*).
#
# ## Which campaigns performed better?
#
# First deliveries. Where intervals overlap widely, as most of these do, the campaigns do not differ
# significantly.

# %%
names = {campaign.id: campaign.name for campaign in reversed(campaigns)}
plots.rates(logs.seax.engagement(), by="campaign_id", names=names)

# %% [markdown]
# Clicks are counted by the service for whole campaigns, never for single people, and programs that open links are
# counted too. With that in mind:

# %%
clicks = click_rates(list(reversed(campaigns)))
plots.rates(clicks, by="name", rate="click")

# %% [markdown]
# *We miss you* went to lapsed customers, and it shows. *New arrivals* and *Gold evening* had no links to click.
#
# `ws.compare` asks the harder question, of each pair: is the difference significant, after adjusting for the number
# of pairs? And it adds that these campaigns went to different people at different times.

# %%
by_name = {campaign.name: campaign.id for campaign in campaigns}
ws.compare([by_name["Summer preview"], by_name["We miss you"], by_name["Shoe week"]], "click")

# %% [markdown]
# ## One campaign in full
#
# A report brings together the funnel, the reasons why messages did not arrive with what to do about each, how long
# delivery took, and whether the service's own counters agree with its log.

# %%
ws.report(by_name["Winter clearance"])

# %% [markdown]
# ## Whom do we still reach?
#
# Tiers sort contacts by whether messages arrive, how recently and how often, as of the day after the last campaign.

# %%
people = ws.contacts()
opted_out = people[people["labels"].map(lambda labels: "DNC" in labels or "unsubscribed" in labels)]
opted_out = opted_out[["id"]].rename(columns={"id": "contact_id"})
as_of = logs["sent_time"].max() + pd.Timedelta(days=1)

tiers = people.seax.tiers(logs, opted_out, as_of=as_of)
plots.tiers(tiers)

# %% [markdown]
# How many messages did people get recently? Those with many in a month are the ones most likely to opt out.

# %%
logs.seax.fatigue(as_of=as_of)["messages_30d"].value_counts().sort_index().to_frame("contacts")

# %% [markdown]
# ## The same by clicking
#
# The log explorer filters, groups, compares and exports the logs of any campaigns. Press **Read the logs** first;
# your selection is `explorer.value`, the messages themselves are `explorer.rows`.

# %%
explorer = LogExplorer(ws)
explorer
