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
# # Failures and list hygiene
#
# Some messages do not arrive. Most of the reasons are about the list, not the message: numbers that were never
# valid, landlines, people who opted out. Texting them again costs money and reputation with the carriers. This notebook
# finds out why messages fail, who should not be texted again, and what else is wrong with the list. It changes nothing.

# %% tags=["parameters"]
HARD_FAILURES = 2  # at this many we stop texting a number

# %%
import pandas as pd

import toolkit
import toolkit.data.accessor  # gives frames the methods under .seax
from toolkit import plots
from toolkit.audience.eligibility import Outcome
from toolkit.engagement.engagement import by_label, membership
from toolkit.engagement.failure_clusters import failure_clusters
from toolkit.widgets import LogExplorer

ws = toolkit.connect()
campaigns = ws.campaigns()
logs = ws.logs([campaign.id for campaign in campaigns])

# %% [markdown]
# ## Why messages fail
#
# Carriers give the reason in free text and codes that change over the years. They come down to a few causes, and each
# cause to one of four actions: try later, never text the number again, change the text, or wait for the account.

# %%
plots.failure_pareto(logs.seax.by_failure())

# %%
pd.options.display.max_colwidth = 80
failure_clusters(logs)[["failure_class", "messages", "contacts", "words", "advice"]]

# %% [markdown]
# ## Who not to text again
#
# A failure is hard when its cause is permanent: an invalid number, a landline. One may be a mistake; two are not.

# %%
hard = logs.seax.failures().query("action == 'suppress'")
counts = hard["contact_id"].value_counts()
lost = counts[counts >= HARD_FAILURES]
f"{len(lost):,} contacts failed permanently {HARD_FAILURES} times or more; they took {int(lost.sum()):,} messages"

# %% [markdown]
# As a segment they can be inspected, excluded from a campaign with `& ~`, or labelled. The service itself labels some
# numbers *invalid number* or *unreachable*, and contacts with those labels are never texted; these are the
# rest.

# %%
given_up = toolkit.Segment.from_contacts(lost.index)
audience = ws.audience(given_up)
audience

# %% [markdown]
# ## Who to try once more
#
# Phones that were switched off may be on today. These are the people whose last message failed for a temporary reason;
# a campaign to this segment is one retry, planned and approved like any other.

# %%
last = logs.sort_values("sent_time").drop_duplicates("contact_id", keep="last")
again = last.seax.failures().query("action == 'retry'")
retry = toolkit.Segment.from_contacts(again["contact_id"].dropna()) & ~given_up
contacts = ws.snapshot()
f"{retry.count(contacts):,} contacts"

# %% [markdown]
# ## Where bad numbers come from
#
# Failures by label show whether one source of contacts is worse than the others. Mind the intervals: small labels
# differ by chance.

# %%
sources = by_label(logs, membership(contacts.frame[["id", "labels"]]))
sources = sources[sources["label"].str.startswith("source_") | sources["label"].str.startswith("location_")]
plots.rates(sources.astype({"label": "str"}), by="label", rate="failure")

# %% [markdown]
# ## What else is wrong with the list
#
# The waterfall of everybody checks the whole list: how many have no number, an invalid one, a shared one,
# no label.

# %%
everybody = ws.audience(toolkit.Segment.everyone())
everybody

# %% [markdown]
# You can get the ids of each group, to correct them at the source:

# %%
malformed = contacts.frame[contacts.frame["id"].isin(everybody.ids(Outcome.MALFORMED))]
malformed[["name", "phone", "created_time"]].head()

# %% [markdown]
# ## One person's history
#
# “Why did I get nothing?” asks somebody. Their whole history, and whether a campaign would text them now:

# %%
history = ws.history(lost.index[0], contacts=contacts, logs=logs)
print(f"Now: {history.standing}.")
pd.DataFrame([delivery.model_dump() for delivery in history.deliveries])[["sent_time", "status", "error"]].tail(4)

# %% [markdown]
# ## By clicking
#
# The log explorer has all this under *Failures*, for the campaigns you choose, and saves the selected messages as CSV
# that no spreadsheet will run as formulas, or as Parquet.

# %%
explorer = LogExplorer(ws)
explorer
