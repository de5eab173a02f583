// data-summary: the list of what is to be mended gets the focus, and its links lead into the field.
// data-counter: below a textarea with a maxlength stands how much room is left.
(() => {
  function focusSummary(root) {
    const summary = root.querySelector("[data-summary]");
    if (summary) summary.focus();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-summary] a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
    (target.closest(".f") || target).scrollIntoView();
    (field || target).focus({ preventScroll: true });
  });

  function count(area) {
    const line = document.createElement("p");
    line.className = "hint";
    line.setAttribute("role", "status");
    area.after(line);
    const show = () => {
      // As the server counts: a rare character is one, though JavaScript sees two halves.
      const left = area.maxLength - Array.from(area.value).length;
      line.textContent = `还可以写 ${left} 字`;
    };
    let timer;
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, 300);
    });
    show();
  }

  function begin(root) {
    for (const area of root.querySelectorAll("textarea[data-counter][maxlength]:not([data-counted])")) {
      area.dataset.counted = "";
      count(area);
    }
    focusSummary(root);
  }

  begin(document);
  document.addEventListener("htmx:afterSwap", (event) => begin(event.target));
})();
