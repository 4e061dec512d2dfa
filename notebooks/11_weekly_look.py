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
# # The weekly look
#
# Every Monday somebody asks: was last week all right, and is the list well? This notebook sends a newsletter every
# week for nine weeks, the last one with something wrong in it, and looks at the ninth as one would on Monday morning.

# %% tags=["parameters"]
APPROVED_BY = "Ana"
WEEKS = 9

# %%
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd

import toolkit
from toolkit import plots
from toolkit.engagement.weekly.cohorts import list_growth, retention, rfm
from toolkit.engagement.weekly.survival import opt_outs_after
from toolkit.engagement.weekly.weeks import BENCHMARKS
from toolkit.settings import Settings
from toolkit.workspace import open_sandbox

# A workspace of its own, because its clock will run ahead.
settings = Settings(home=Path(tempfile.mkdtemp()), dialect=os.environ.get("SEAX_DIALECT"))
box = open_sandbox(settings)
ws = toolkit.connect(settings, sandbox=box)
mirror = ws.mirror(settings.home / "mirror")
mirror.refresh(ws.campaign_ids())

# %% [markdown]
# ## Nine weeks of newsletters
#
# Each is planned and approved like any other campaign. The mirror, a folder of Parquet files, is refreshed the day
# after and before the next one: the service does not say when somebody opts out, so the only witness is who reads the
# labels regularly.
#
# The ninth has a link of a public shortener. Preflight blocks that, because carriers filter such texts; somebody gave
# a reason and sent it nevertheless.


# %%
def newsletter(number, link="https://example.com/news", **options):
    """The draft of one week."""
    text = f"Seasalt Shop, issue {number}: {link} Reply STOP to opt out."
    segment = toolkit.Segment.any_of("newsletter")
    return toolkit.CampaignDraft(
        name=f"Issue {number}", message=text, segment=segment, senders=["Marketing Line"], **options
    )


because = {"MSG009": "the printer wants the short link"}
issues = [newsletter(number) for number in range(1, WEEKS)]
issues.append(newsletter(WEEKS, "https://bit.ly/news", overrides=because))
for draft in issues:
    plan = ws.plan(draft)
    last = ws.send(plan.approve(recipients=plan.recipients, by=APPROVED_BY))
    for days in (1, 6):
        box.clock.advance(timedelta(days=days))
        mirror.refresh(ws.campaign_ids())

# %% [markdown]
# ## Monday morning
#
# Each measure is tested against its own eight weeks before. Weeks differ by more than chance, and of a dozen measures
# one is always odd, so both are part of the test: among twenty calm weeks there is about one false alarm.

# %%
sent_at = ws.logs(last.campaign_id)["sent_time"].max()
name = "{}-{:02}".format(*sent_at.isocalendar()[:2])
report = ws.weekly(name, mirror=mirror)
plots.week(report)

# %%
report

# %% [markdown]
# The alarm names the campaign that most of it comes from. A filtered text does not help from being sent again: take
# out the shortener, or use a link of your own domain.
#
# The same as one HTML page, to send around; `seax report --week` writes it, too:

# %%
page = ws.weekly_page(name, mirror=mirror).save(settings.home / "week.html")
f"{page.name}, {page.stat().st_size / 1000:.0f} kB"

# %% [markdown]
# ## Is the list well?
#
# Who joined is read from the contacts; who was deleted since is not among them. (In the embedded workspace nobody
# joins while its clock runs ahead.) Opt-outs come as bounds: certainly in this week, and at most, from what the mirror
# saw on two readings.

# %%
contacts = ws.snapshot()
people = contacts.select(["id", "created_time"])
gone = mirror.opted_out(mirror.began)
until = ws.service_time()
plots.list_growth(list_growth(people, gone, until=until, weeks=18, known_since=mirror.began))

# %% [markdown]
# How soon do people opt out after a newsletter? Everybody counts from the first one they were sent; who is still there
# may leave tomorrow, and counts for as long as we watched (Kaplan–Meier).

# %%
logs = ws.logs([each.campaign_id for each in (ws.get_plan(x.plan.id).receipt for x in ws.plans()) if each])
plots.staying(opt_outs_after(logs, gone, until=until))

# %% [markdown]
# ## Whom do we still reach?
#
# Of those who joined in a month, the share that had a message delivered in each month after. Empty months are months
# in which we sent nothing to them.

# %%
everything = ws.logs(ws.campaign_ids())
plots.retention(retention(people, everything, as_of=until))

# %% [markdown]
# Recency and frequency by fixed cut points. The service knows no money, so the third score is quality: the share
# delivered of what was sent. `rfm` of somebody who is reached well is 555.

# %%
scores = rfm(everything, as_of=until)
plots.rfm(scores)

# %%
scores["rfm"].value_counts().head(5).to_frame("people")

# %% [markdown]
# ## What others have published
#
# Bands, not targets: their lists are not ours, and each has its date and source.

# %%
pd.DataFrame([band.model_dump() for band in BENCHMARKS])
