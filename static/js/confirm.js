// data-confirm="确定要退回吗？" on a form, or on one of its buttons, asks before the form is sent.
// Capture: it must ask before htmx hears of it.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const question = (button && button.dataset.confirm) || event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
