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
# A segment is a rule on which contacts to include. An audience is who that is today, who is excluded and why. And
# targeting is how the service, which knows labels and a list of contacts to exclude, can reach exactly
# these people and nobody else. Nothing is sent here.

# %% tags=["parameters"]
CITY = "location_la"  # a label

# %%
import toolkit
from toolkit import plots
from toolkit.audience.audience_changes import compare
from toolkit.audience.vocabulary import Vocabulary
from toolkit.widgets import SegmentExplorer

ws = toolkit.connect()
contacts = ws.snapshot()
len(contacts)

# %% [markdown]
# `ws.snapshot()` is all contacts, read once and kept in columns. Counting a segment on it takes milliseconds, even at a
# million contacts, so try things out.
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
# For a typing error you get suggestions:

# %%
try:
    toolkit.Segment.any_of("vip_custmers").count(contacts)
except toolkit.ToolkitError as error:
    print(error)

# %% [markdown]
# `Vocabulary` lists the existing labels and fields: type `words.labels.` or `words.fields.` and press Tab.

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
# The audience applies the rule and then everything that must keep a message from being sent: no number, an invalid one,
# an opt-out, also of another contact with the same number, an unreachable number, and so on. Each
# contact ends at exactly one step.

# %%
audience = ws.audience(toolkit.Segment.any_of("vip_customers"))
audience

# %% [markdown]
# You can ask why a contact did not get it, and here is the answer:

# %%
meant = ws.contacts(toolkit.Segment.any_of("vip_customers"))
missing = meant[~meant["id"].isin(audience.frame["id"])]
for contact_id in missing["id"].head(4):
    print(audience.why(contact_id))

# %% [markdown]
# ## Exactly these people
#
# The service accepts labels that people must have or must not have, and a list of contacts to exclude. Many rules do
# not consist of labels: here a field decides. The plan finds the labels that come closest, excludes the rest by id,
# and shows how. The campaign reaches exactly the audience, which is checked again, contact by contact, before sending.

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
# An audience is a snapshot. Compare two to see who joined, who dropped out and why; a send does this by itself
# and refuses if the people are no longer those who were approved.

# %%
print(compare(audience, ws.audience(toolkit.Segment.any_of("vip_customers"))))
print(compare(audience, ws.audience(toolkit.Segment.any_of("vip_customers") & ~lapsed)))

# %% [markdown]
# A segment may use the outcome of messages, too: who received a campaign, whose messages failed permanently, when we
# last reached whom. Then pass it when you take the snapshot, so that the logs it needs are read as well.

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
