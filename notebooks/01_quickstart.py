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
# # From contacts to a measured campaign
#
# This notebook takes one campaign all the way: look at the contacts, choose who it is for, see exactly what would go
# out, say yes, send it once, and read how it did. At the end you build one yourself by clicking.
#
# Nothing here can text anybody. Without an API key, `connect()` opens an **embedded workspace**: the whole service in
# one file on your machine, with five thousand invented people who have numbers that belong to nobody. Set
# `SEAX_API_KEY` and `SEAX_WORKSPACE_ID`, and the same calls work on your real workspace.

# %% tags=["parameters"]
APPROVED_BY = "ana"
REPORT_SECONDS = 20  # how long to wait for delivery reports

# %%
import time

import pandas as pd

import toolkit
from toolkit import plots
from toolkit.engagement.engagement import by_campaign
from toolkit.widgets import CampaignBuilder

ws = toolkit.connect()
ws

# %% [markdown]
# ## Look around
#
# `ws.contacts()` is every contact as a pandas frame, newest first, always with the same columns and types.

# %%
contacts = ws.contacts()
contacts.shape

# %%
contacts[["name", "phone", "labels", "created_time"]].head()

# %% [markdown]
# Labels are how audiences are made, so see which there are and how many people each would bring.

# %%
ws.labels()[["name", "contacts"]].head(8)

# %% [markdown]
# ## Choose who it is for
#
# A segment is a rule, not a list: it means whoever fits when it is used. Rules combine with `&`, `|` and `~`. Ours:
# people in Los Angeles who like shoes, unless we have lost them.

# %%
segment = toolkit.Segment.all_of("location_la", "interest_shoes") & ~toolkit.Segment.any_of("lapsed")
segment

# %%
audience = ws.audience(segment)
audience

# %% [markdown]
# The lines with a minus are people the segment means who are left out all the same, each with the reason; the last one
# is who receives it. You can ask about anybody, say about one who fits the rule and has opted out.

# %%
meant = ws.contacts(segment)
opted_out = meant[meant["labels"].map(lambda labels: "DNC" in labels)]
audience.why(opted_out["id"].iloc[0])

# %% [markdown]
# ## See what would go out
#
# A draft says what you want. Planning it reads everything again and changes nothing: who gets it, what they will see,
# what it costs, and what looks wrong.

# %%
draft = toolkit.CampaignDraft(
    name="LA shoe week",
    message="Shoe week in Los Angeles: 20% off until Sunday at the Echo Park shop. Reply STOP to opt out.",
    segment=segment,
    senders=["Marketing Line"],
)
plan = ws.plan(draft)
plan

# %% [markdown]
# ## Say yes, and send
#
# Approving means reading the number of recipients in the plan and typing it. If you mistype it, or if it has changed
# since, nothing is sent and you are told why. So you would write `recipients=54`, or whatever your plan says: how many
# people there are depends a little on the day your embedded workspace was made, and this page has to run on any day, so
# it takes the number from the plan.
#
# In code this works on the embedded workspace only. On a real one a person clicks, as you will at the end.

# %%
approval = plan.approve(recipients=plan.recipients, by=APPROVED_BY)
receipt = ws.send(approval)
receipt

# %% [markdown]
# Run this notebook again and you get this receipt again: the same campaign does not leave twice, whoever asks.
#
# ## Watch it leave
#
# `follow` looks again every second until the campaign has finished: one row per look.

# %%
pd.DataFrame([campaign.statistics.model_dump() for campaign in ws.follow(receipt.campaign_id)])

# %% [markdown]
# ## Measure it
#
# The carriers report over seconds, sometimes hours, so give them a moment. The log has one row per message.

# %%
time.sleep(REPORT_SECONDS)
logs = ws.logs(receipt.campaign_id)
logs["status"].value_counts().to_frame()

# %%
logs[["contact_name", "phone", "status", "error"]].head()

# %% [markdown]
# Rates come with their denominators and 95 % intervals: with few messages the interval is wide, and that is the point.
# A message *sent* may still be on its way; whatever did not arrive has a reason, and something to do about it.

# %%
ws.report(receipt.campaign_id)

# %% [markdown]
# One campaign says little by itself. Here it is beside those of the last year and a half, by the share of messages that
# arrived. (Freshly sent, it looks worse than it is: its last reports are still to come.)

# %%
campaigns = ws.campaigns()
names = {campaign.id: campaign.name for campaign in reversed(campaigns)}
plots.rates(by_campaign(ws.logs(list(names))), by="campaign_id", names=names)

# %% [markdown]
# ## Now you, by clicking
#
# The builder makes the same drafts. Fill it in, look at the plan, type its number of recipients and your name, press
# **Send**, and watch the progress. Only your click in a browser can press it: running this notebook again gives you
# an unsent form, and code that presses the button is refused.
#
# It starts from a draft if you give it one, and `builder.value` is the draft on the page, for you to print, keep or
# plan in code.

# %%
builder = CampaignBuilder(
    ws,
    toolkit.CampaignDraft(
        name="VIP preview",
        message="You get in first: our spring preview opens on Friday at 6. Reply STOP to opt out.",
        segment=toolkit.Segment.any_of("vip_customers") & ~toolkit.Segment.any_of("location_nyc"),
        senders=["Marketing Line"],
    ),
)
builder
