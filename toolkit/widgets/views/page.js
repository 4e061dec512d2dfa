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

function initialize() {
  if (window.seaxPage) return;
  window.seaxPage = true;
  window.addEventListener("keydown", keepKeys, true);
  window.addEventListener("click", insertField, true);
}

export default { initialize };
