// What a page does by itself, once for all widgets on it. Without it everything works with a mouse.

/** Keep plain keys from the notebook: in JupyterLab an arrow on a choice goes to the next cell, and "dd" deletes one. */
function keepKeys(event) {
  if (!event.target.closest?.(".seax")) return;
  const isForNotebook = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape";
  const isRun = event.key === "Enter" && event.shiftKey;
  event.target.toggleAttribute("data-lm-suppress-shortcuts", !isForNotebook && !isRun);
}

/** Put a field where the cursor is in the message; at the end, after a space, if that is where it is. */
function insertField(event) {
  const button = event.target.closest?.(".seax-insert button");
  const message = button?.closest(".seax-message-field")?.querySelector("textarea");
  if (!message || message.disabled) return;
  event.stopImmediatePropagation();
  const before = message.value.slice(0, message.selectionStart);
  const isAtEnd = message.selectionStart === message.value.length;
  const field = (isAtEnd && /\S$/.test(before) ? " " : "") + button.textContent;
  message.setRangeText(field, message.selectionStart, message.selectionEnd, "end");
  message.dispatchEvent(new Event("input", { bubbles: true }));
  message.focus();
}

/**
 * Let a button act on what was typed before it. While the kernel answers a letter, ipywidgets keeps the next ones back
 * and sends a click at once, so that "Ana" would sign as "A". A click after letters waits until the kernel, which
 * answers in order, has answered our own message: what was kept back is on its way by then.
 */
const UNANSWERED = 10_000; // milliseconds until a click is passed on anyway
const UNASKED = 300; // where no model of ours is on the page
// each model with where it is on the page, of all copies of this script, since each notebook has its own
const kernels = (window.seaxKernels ??= []);
const waiting = (window.seaxWaiting ??= new Map()); // by number, what to do when the kernel has answered
let isTyped = false;
let isRepeat = false;
let asked = 0;

function noteTyped(event) {
  if (event.target.closest?.(".seax")) isTyped = true;
}

function typedFirst(event) {
  const button = event.target.closest?.(".seax button");
  if (!button || isRepeat || !isTyped) return;
  event.stopImmediatePropagation();
  afterTyped(button, () => {
    isTyped = false;
    isRepeat = true;
    button.click();
    isRepeat = false;
  });
}

function afterTyped(button, press) {
  const kernel = kernels.findLast(({ el }) => outermost(el) === outermost(button));
  const number = ++asked;
  const once = () => waiting.delete(number) && press();
  waiting.set(number, once);
  setTimeout(once, kernel ? UNANSWERED : UNASKED);
  kernel?.model.send({ asked: number });
}

function outermost(element) {
  const inside = element.parentElement?.closest(".seax");
  return inside ? outermost(inside) : element;
}

function render({ model, el }) {
  const answered = (message) => waiting.get(message.asked)?.();
  const kernel = { model, el };
  kernels.push(kernel);
  model.on("msg:custom", answered);
  return () => {
    model.off("msg:custom", answered);
    kernels.splice(kernels.indexOf(kernel), 1);
  };
}

function initialize() {
  if (window.seaxPage) return;
  window.seaxPage = true;
  window.addEventListener("keydown", keepKeys, true);
  window.addEventListener("click", insertField, true);
  window.addEventListener("input", noteTyped, true);
  window.addEventListener("click", typedFirst, true);
}

export default { initialize, render };
