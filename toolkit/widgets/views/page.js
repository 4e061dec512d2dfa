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
 * and sends a click at once, so that "Ana" would sign as "A": a click this soon after a letter waits a moment.
 */
const SOON = 300; // milliseconds
let typed = 0;
let isRepeat = false;

function noteTyped(event) {
  if (event.target.closest?.(".seax")) typed = Date.now();
}

function typedFirst(event) {
  const button = event.target.closest?.(".seax button");
  const wait = typed + SOON - Date.now();
  if (!button || isRepeat || wait <= 0) return;
  event.stopImmediatePropagation();
  setTimeout(() => {
    isRepeat = true;
    button.click();
    isRepeat = false;
  }, wait);
}

function initialize() {
  if (window.seaxPage) return;
  window.seaxPage = true;
  window.addEventListener("keydown", keepKeys, true);
  window.addEventListener("click", insertField, true);
  window.addEventListener("input", noteTyped, true);
  window.addEventListener("click", typedFirst, true);
}

export default { initialize };
