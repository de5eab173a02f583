// data-ways on the form of a reception rule: only the fields of the chosen way of repeating are shown.
// Without this script all of them are, and the server reads those of the chosen way.
(() => {
  const WAYS = {
    month_day: ["month_days"],
    week: ["week_days"],
    nth: ["nth", "nth_day"],
    custom: ["recurrence"],
  };
  const form = document.querySelector("form[data-ways]");
  if (!form) return;

  function show() {
    const chosen = form.querySelector("[name=how]:checked");
    for (const [way, names] of Object.entries(WAYS)) {
      for (const name of names) {
        const field = form.querySelector(`[name=${name}]`);
        if (field) field.closest(".f").hidden = !chosen || way !== chosen.value;
      }
    }
  }

  form.addEventListener("change", show);
  show();
})();
