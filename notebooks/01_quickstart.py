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
# This notebook takes one campaign all the way: explore the contacts, choose the recipients, see exactly what would be
# sent, approve it, send it once, and read how it performed. At the end you build one yourself by clicking.
#
# Nothing here can text anybody. Without an API key, `connect()` opens an **embedded workspace**: the whole service in
# one file on your machine, with five thousand invented people whose numbers cannot belong to anybody. Set
# `SEAX_API_KEY` and `SEAX_WORKSPACE_ID`, and the same calls work on your live workspace.

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
# Audiences are made from labels, so see which labels exist and how many people each would add.

# %%
ws.labels()[["name", "contacts"]].head(8)

# %% [markdown]
# ## Choose the recipients
#
# A segment is a rule, not a list: it includes whoever matches when it is used. Rules combine with `&`, `|` and `~`.
# Ours: people in Los Angeles who like shoes, except lapsed customers.

# %%
segment = toolkit.Segment.all_of("location_la", "interest_shoes") & ~toolkit.Segment.any_of("lapsed")
segment

# %%
audience = ws.audience(segment)
audience

# %% [markdown]
# The lines with a minus are people in the segment who are excluded, each with the reason; the last one
# is who receives it. You can ask about any contact, for example one who matches the rule and has opted out.

# %%
meant = ws.contacts(segment)
opted_out = meant[meant["labels"].map(lambda labels: "DNC" in labels)]
audience.why(opted_out["id"].iloc[0])

# %% [markdown]
# ## See what would be sent
#
# A draft is what you want to send. Planning it reads everything again and changes nothing: who gets it, what they will
# see, what it costs, and what looks wrong.

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
# ## Approve, and send
#
# Approving means reading the number of recipients in the plan and typing it. If you mistype it, or if it has changed
# since, nothing is sent and an error explains why. So you would write `recipients=54`, or whatever your plan shows: how
# many people there are depends a little on the day your embedded workspace was made, and this page has to run on any
# day, so it takes the number from the plan.
#
# In code this works on the embedded workspace only. On a live one a person clicks, as you will at the end.

# %%
approval = plan.approve(recipients=plan.recipients, by=APPROVED_BY)
receipt = ws.send(approval)
receipt

# %% [markdown]
# Run this notebook again and you get this receipt again: the same campaign is never sent twice, whoever asks.
#
# ## Watch it being sent
#
# `follow` checks every second until the campaign has finished: one row per check.

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
# Rates come with their denominators and 95 % intervals: with few messages the interval is wide, as it should be.
# A message *sent* may still be on its way; each one that did not arrive has a reason, and a recommended action.

# %%
ws.report(receipt.campaign_id)

# %% [markdown]
# One campaign alone shows little. Here it is compared with those of the last year and a half, by the share of messages
# that arrived. (Just after sending it looks worse than it is: its last reports are still to come.)

# %%
campaigns = ws.campaigns()
names = {campaign.id: campaign.name for campaign in reversed(campaigns)}
plots.rates(by_campaign(ws.logs(list(names))), by="campaign_id", names=names)

# %% [markdown]
# ## Now by clicking
#
# The builder makes the same drafts. Fill it in, press **See the plan**, type its number of recipients and your name,
# press **Send**, and watch the progress. Only a click in a browser can press it: running this notebook again gives you
# an unsent form, and code that presses the button is refused.
#
# It starts from a draft if you pass one, and `builder.value` is the draft on the page, for you to print, keep or
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
