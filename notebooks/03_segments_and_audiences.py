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
# # Segments and exact audiences
#
# A segment says in a rule whom you mean. An audience says who that is today, who is left out all the same and why. And
# targeting says how the service, which knows labels and a list of people to leave out, can be told to reach exactly
# these and nobody else. Nothing is sent here.

# %% tags=["parameters"]
CITY = "location_la"  # a label

# %%
import toolkit
from toolkit import plots
from toolkit.audience.drift import compare
from toolkit.audience.vocabulary import Vocabulary
from toolkit.widgets import SegmentExplorer

ws = toolkit.connect()
contacts = ws.snapshot()
len(contacts)

# %% [markdown]
# `ws.snapshot()` is all contacts, read once and kept in columns. Counting a segment on it takes milliseconds, also at a
# million contacts, so think aloud.
#
# ## Rules
#
# Rules combine with `&`, `|` and `~`. The same can be written as text, which is also how a segment prints.

# %%
city = toolkit.Segment.any_of(CITY)
gold = toolkit.Segment.where("field.customer_tier").is_in("gold", "platinum")
lapsed = toolkit.Segment.any_of("lapsed")

segment = city & gold & ~lapsed
print(segment)
print(segment.explain())

# %%
segment == toolkit.Segment.parse(f"labels:{CITY} and field.customer_tier in (gold, platinum) and not labels:lapsed")

# %%
{str(rule): rule.count(contacts) for rule in (city, gold, lapsed, segment)}

# %% [markdown]
# A typing error is met with what you may have meant:

# %%
try:
    toolkit.Segment.any_of("vip_custmers").count(contacts)
except toolkit.ToolkitError as error:
    print(error)

# %% [markdown]
# `Vocabulary` knows the labels and fields there are: type `words.labels.` or `words.fields.` and press Tab.

# %%
words = Vocabulary(contacts)
words

# %% [markdown]
# ## How segments overlap
#
# Two campaigns this week, to VIPs and to shoe lovers? See how many people would get both before you plan either.

# %%
plots.overlap(
    {
        "VIP": toolkit.Segment.any_of("vip_customers"),
        "shoes": toolkit.Segment.any_of("interest_shoes"),
        "this city": city,
        "lapsed": lapsed,
    },
    contacts,
)

# %% [markdown]
# ## From the rule to the people
#
# The audience applies the rule and then everything that must keep a message from going out: no number, a malformed one,
# a wish not to be texted, also of somebody else with the same number, a number the service gave up on, and so on. Each
# contact ends at exactly one step.

# %%
audience = ws.audience(toolkit.Segment.any_of("vip_customers"))
audience

# %% [markdown]
# Anybody can ask why they did not get it, and here is the answer:

# %%
meant = ws.contacts(toolkit.Segment.any_of("vip_customers"))
missing = meant[~meant["id"].isin(audience.frame["id"])]
for contact_id in missing["id"].head(4):
    print(audience.why(contact_id))

# %% [markdown]
# ## Exactly these people
#
# The service takes labels that people must have or must not have, and a list of contacts to leave out. Many rules are
# not made of labels: here the field decides. The plan finds the labels that come nearest, leaves the rest out by id,
# and shows how. What is sent reaches exactly the audience, which is checked again, contact by contact, before sending.

# %%
plan = ws.plan(
    toolkit.CampaignDraft(
        name="Gold in town",
        message="Your gold members' evening is on Friday at 6. Reply STOP to opt out.",
        segment=segment,
        senders=["Marketing Line"],
    )
)
for line in plan.addressing:
    print(line)

# %% [markdown]
# ## What has changed since?
#
# An audience is of the moment it was read. Compare two to see who joined, who left and why; a send does this by itself
# and refuses if the people are no longer those who were approved.

# %%
print(compare(audience, ws.audience(toolkit.Segment.any_of("vip_customers"))))
print(compare(audience, ws.audience(toolkit.Segment.any_of("vip_customers") & ~lapsed)))

# %% [markdown]
# A segment may look at what became of messages, too: who received a campaign, who failed for good, whom we last reached
# when. Then pass it when you take the snapshot, so that the logs it needs are read as well.

# %%
newest = ws.campaigns()[0]
reached = toolkit.Segment.received(newest.id)
recent = ws.snapshot(reached)
newest.name, reached.count(recent), (reached & gold).count(recent)

# %% [markdown]
# ## By clicking
#
# The segment explorer builds the same rules from labels, fields and behaviour, with live counts and the waterfall
# beside them. `explorer.value` is the segment on the page.

# %%
explorer = SegmentExplorer(ws)
explorer
