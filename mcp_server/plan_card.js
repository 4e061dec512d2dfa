"use strict";
// The plan's card: shows what the host hands it, every word as text, and asks the host; it approves nothing.
const place = document.getElementById("plan");
const waiting = new Map();
const STATES = {
  planned: "Waits for a person's approval, which this card cannot give.",
  approved: "Approved: it can be sent once.",
  sending: "It is being sent, or was interrupted.",
  sent: "The service accepted it.",
  partial: "Some steps were sent, others wait.",
  unknown: "It is not known whether it arrived. It is not sent again by itself.",
  refused: "Nothing was sent: the service refused it.",
  stopped: "Sent in part; the rest is not sent.",
  expired: "This plan ended. It has to be planned again.",
  declined: "Declined.",
  withdrawn: "Withdrawn.",
};
const MARKS = { block: "■ Block", warn: "▲ Warning", info: "● Note" };
let count = 0;
let host = {};
let shown = null;
let failed = "";

function send(message) {
  window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function ask(method, params) {
  const id = ++count;
  send({ id, method, params });
  return new Promise((done, refused) => waiting.set(id, { done, refused }));
}

// An element of a class with children, each an element or a text that stays a text.
function el(tag, kind, ...children) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...children.filter((child) => child !== "" && child !== null));
  return made;
}

// A text without the marks that fence it from a model.
const bare = (text) => text.replace(/^<data-([0-9a-f]{8})>([^]*)<\/data-\1>$/, "$2");

const number = (value) => Number(value).toLocaleString("en");
const hour = (time) => `${new Date(time).toISOString().slice(11, 16)} UTC`;

function day(time) {
  const words = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
  return `${new Intl.DateTimeFormat("en-GB", words).format(new Date(time))}, ${hour(time)}`;
}

// Rows of CSV as objects.
function table(text) {
  const rows = [[]];
  for (const [, cell, end] of text.matchAll(/("(?:[^"]|"")*"|[^",\n]*)(,|\n|$)/g)) {
    rows.at(-1).push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === "\n") rows.push([]);
  }
  const [head, ...lines] = rows.filter((row) => row.length > 1); // the last line ends with a break
  return lines.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])));
}

// The requests of a plan that have a time.
function steps(plan) {
  const alone = { step: "1", recipients: plan.recipients, start_at: plan.start_at };
  return (plan.steps ? table(plan.steps) : [alone]).filter((step) => step.start_at);
}

function cities(zones) {
  const city = (zone) => zone.split("/").at(-1).replaceAll("_", " ");
  return zones.split("; ").map((each) => each.split(" ").map(city).join(" or ")).join(", ") || "no known time zone";
}

function question(plan) {
  const many = number(plan.recipients);
  if (plan.kind === "import") return `Import ${many} ${plan.recipients === 1 ? "row" : "rows"}?`;
  if (plan.kind === "test") return `Send a test to ${many} of your own numbers?`;
  const noun = plan.media_urls.length ? "picture message" : "text message";
  return `Send ${many} ${noun}${plan.recipients === 1 ? "" : "s"}?`;
}

function state(plan) {
  if (plan.outcome && plan.outcome.status === "scheduled") return "The service holds it, and sends it by itself.";
  if (plan.state === "planned" && plan.findings.some((each) => each.severity === "block")) {
    return "A finding blocks it: it cannot be sent as it is.";
  }
  return STATES[plan.state] || plan.state;
}

function where(plan) {
  const [kind, rest] = plan.live
    ? ["live", "real people receive these messages"]
    : ["embedded", "invented people, nobody is texted"];
  return el("p", `seax-where seax-where--${kind}`, el("b", "", kind.toUpperCase()), ` ${rest}`);
}

function facts(plan) {
  const times = steps(plan).map((step) => new Date(step.start_at)).sort((a, b) => a - b);
  const when = times.length ? [...new Set([day(times[0]), day(times.at(-1))])].join(" to ") : "at once";
  const rows = [
    ["Name", bare(plan.name)],
    ["To", bare(plan.who)],
    ["When", plan.kind === "campaign" ? when : ""],
    ["From", plan.senders.join(", ")],
    ["Media", plan.media_urls.map(bare).join(" ")],
    ["Cost", plan.parts_total === null ? "" : `${number(plan.parts_total)} parts, price ${plan.price}`],
    ["State", state(plan)],
  ];
  const list = el("dl", "seax-facts");
  for (const [name, value] of rows.filter((row) => row[1])) list.append(el("dt", "", name), el("dd", "", value));
  list.lastChild.setAttribute("role", "status");
  return list;
}

function texts(plan) {
  const reads = el("div", "seax-reads");
  for (const each of plan.texts) {
    const arm = bare(each.arm);
    const bubble = el("div", "seax-bubble", bare(each.text));
    bubble.dir = "auto";
    const who = el("p", "", el("b", "", arm), `${arm ? " · " : ""}${number(each.people)} people`);
    reads.append(el("div", "", who, bubble));
  }
  return el("figure", "seax-fence", el("figcaption", "", "Text as it was written"), reads);
}

function stair(words, many, at, whole, kind) {
  const bar = el("i");
  bar.style.setProperty("--at", at / whole);
  bar.style.setProperty("--n", many / whole);
  const signed = `${kind ? "" : "−"}${number(many)}`;
  return el("tr", kind, el("td", "", signed), el("td", "", words), el("td", "", bar));
}

function waterfall(plan) {
  const whole = Math.max(plan.selected, 1);
  const body = el("tbody", "", stair("selected", plan.selected, 0, whole, "all"));
  let rest = plan.selected;
  for (const cut of plan.left_out) {
    rest -= cut.contacts;
    body.append(stair(cut.reason, cut.contacts, rest, whole, ""));
  }
  body.append(stair("receive it", plan.recipients, 0, whole, "all"));
  return el("table", "seax-fall", body);
}

// A row for each time on a clock; who is not listed there is a row of its own, so that it sums to all.
function timetable(plan) {
  const clocks = table(plan.local_times);
  const body = el("tbody");
  for (const step of steps(plan)) {
    const of = clocks.filter((clock) => clock.step === step.step);
    const rest = step.recipients - of.reduce((sum, clock) => sum + Number(clock.people), 0);
    if (rest) of.push({ zones: "elsewhere", people: rest, their_clock: "" });
    for (const clock of of) {
      const cells = [cities(clock.zones), number(clock.people), clock.their_clock, day(step.start_at)];
      body.append(el("tr", "", ...cells.map((cell, at) => el("td", at === 1 ? "n" : "", cell))));
    }
  }
  const titles = ["Where", "People", "Their clock", "UTC"];
  const head = el("thead", "", el("tr", "", ...titles.map((title, at) => el("th", at === 1 ? "n" : "", title))));
  const scroll = el("div", "seax-scroll", el("table", "seax-table", head, body));
  Object.assign(scroll, { tabIndex: 0, role: "region", ariaLabel: "Timetable" });
  return scroll;
}

function finding(each) {
  const about = el("details", "", el("summary", "", el("b", "", MARKS[each.severity]), " ", bare(each.message)));
  about.append(el("p", "", bare(each.fix)), el("p", "seax-small seax-quiet", each.code));
  const line = el("div", `seax-find seax-find--${each.severity}`, about);
  line.style.display = "block";
  return line;
}

function part(title, ...content) {
  return el("section", "", el("h2", "seax-h", title), ...content);
}

function button(words, act) {
  const made = el("button", "seax-btn", words);
  made.type = "button";
  made.onclick = act;
  return made;
}

// What a person asks for, in their words alone: nothing of the plan's own text goes into the conversation as theirs.
function changes(plan) {
  const said = el("p", "seax-small");
  said.setAttribute("role", "status");
  const field = el("input", "seax-in");
  Object.assign(field, { id: "change", maxLength: 500, autocomplete: "off" });
  const label = el("label", "", "What should be different?");
  label.htmlFor = "change";
  const tell = async () => {
    const words = field.value.trim();
    if (!words) return void (said.textContent = "Write first what should be different.");
    try {
      const text = `About ${plan.plan_id}, asked on its card: ${words}`;
      const answer = await ask("ui/message", { role: "user", content: [{ type: "text", text }] });
      if (answer.isError) throw new Error();
      field.value = "";
      said.textContent = "Asked in the conversation. A change makes another plan; this one stays as it is.";
    } catch {
      said.textContent = "This program takes no messages from a card: write it in the conversation.";
    }
  };
  const look = host.serverTools ? button("Look again", () => lookAgain(plan.plan_id, said)) : "";
  return part(
    "Ask for changes",
    el("div", "seax-row seax-ask", el("div", "seax-field", label, field), button("Ask the assistant", tell), look),
    said,
  );
}

async function lookAgain(planId, said) {
  try {
    take(await ask("tools/call", { name: "get_plan", arguments: { plan_id: planId } }));
  } catch {
    said.textContent = "The plan could not be read again. What is shown may be old.";
  }
}

function draw() {
  const plan = shown;
  if (!plan) {
    place.replaceChildren(el("p", "", failed || "Waiting for the plan…"));
    place.firstChild.setAttribute("role", failed ? "alert" : "status");
    return;
  }
  const counted = plan.selected > plan.recipients || plan.left_out.length;
  const order = ["block", "warn", "info"];
  const found = [...plan.findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const checks = found.length ? found.map(finding) : [el("p", "", "Nothing.")];
  const design = plan.experiment.map((line) => el("li", "", bare(line)));
  const until = `${hour(plan.expires_at)} · code ${plan.digest}`;
  place.replaceChildren(
    ...[
      where(plan),
      el("div", "", el("h1", "", question(plan)), el("p", "seax-small seax-quiet", `Can be approved until ${until}`)),
      facts(plan),
      plan.texts.length && part("What they read", texts(plan)),
      design.length && part("Experiment", el("ul", "", ...design)),
      counted && part("Who is excluded", waterfall(plan)),
      steps(plan).length && part("When", timetable(plan)),
      part("What the checks found", ...checks),
      changes(plan),
    ].filter(Boolean),
  );
}

// A tool's result: a plan, or why there is none.
function take(result) {
  const plan = result.structuredContent;
  if (plan && plan.plan_id) shown = plan;
  else if (!shown) failed = (result.content || []).map((block) => block.text || "").join(" ") || "There is no plan.";
  draw();
}

function dress(context) {
  if (!context) return;
  if (context.theme) document.documentElement.style.colorScheme = context.theme;
  for (const [name, value] of Object.entries(context.styles?.variables || {})) {
    if (value) document.documentElement.style.setProperty(name, value);
  }
}

window.addEventListener("message", ({ source, data }) => {
  if (source !== window.parent || !data || data.jsonrpc !== "2.0") return;
  const { id, method, params, result, error } = data;
  if (!method && waiting.has(id)) {
    const { done, refused } = waiting.get(id);
    waiting.delete(id);
    if (error) refused(new Error(error.message));
    else done(result || {});
  } else if (method === "ui/notifications/tool-result") take(params);
  else if (method === "ui/notifications/tool-cancelled") take({});
  else if (method === "ui/notifications/host-context-changed") dress(params);
  else if (method && id !== undefined) {
    const known = method === "ping" || method === "ui/resource-teardown";
    send(known ? { id, result: {} } : { id, error: { code: -32601, message: "A card does not do this." } });
  }
});

new ResizeObserver(() => {
  const { scrollWidth: width, offsetHeight: height } = document.body;
  send({ method: "ui/notifications/size-changed", params: { width, height } });
}).observe(document.body);

const hello = {
  appInfo: { name: "seax-plan", version: "1" },
  appCapabilities: { availableDisplayModes: ["inline"] },
  protocolVersion: "2026-01-26",
};
ask("ui/initialize", hello).then((answer) => {
  host = answer.hostCapabilities || {};
  dress(answer.hostContext);
  send({ method: "ui/notifications/initialized" });
}, () => {});
