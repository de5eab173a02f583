// data-draft="key" on a form: what is half typed is kept in this tab's own store and is there again after a reload.
// data-forget="key": what was typed has been sent; the draft goes. Files cannot be kept, and what the server sent back
// to be mended holds what was typed already.
(() => {
  const form = document.querySelector("form[data-draft]");

  for (const over of document.querySelectorAll("[data-forget]")) sessionStorage.removeItem(over.dataset.forget);
  if (!form) return;

  const controls = () => Array.from(form.elements).filter((one) => one.name && !["hidden", "file", "submit"].includes(one.type));

  function say(words) {
    const line = form.querySelector("[data-kept]");
    if (line) line.textContent = words;
  }

  function keep() {
    const kept = {};
    for (const one of controls()) {
      if (one.type !== "radio") kept[one.name] = one.value;
      else if (one.checked) kept[one.name] = one.value;
    }
    sessionStorage.setItem(form.dataset.draft, JSON.stringify(kept));
    const now = new Date();
    say(`草稿已自动保存 ${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`);
  }

  const kept = JSON.parse(sessionStorage.getItem(form.dataset.draft) || "null");
  if (kept && !form.querySelector("[data-summary]")) {
    for (const one of controls()) {
      if (one.type === "radio") one.checked = one.value === kept[one.name];
      else if (kept[one.name] !== undefined) one.value = kept[one.name];
    }
    say("已恢复上次没写完的内容");
  }

  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 500);
  });
  form.addEventListener("submit", keep);
})();
