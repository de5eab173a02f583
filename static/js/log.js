// The reception log (data-log="key of the draft"): Enter goes to the next field, digits choose the category, Ctrl+Enter
// saves, Alt+1…6 puts in a common phrase, a known phone fills in name and address, and what is half typed outlives a
// reload. Keys are left alone while an input method composes, or Enter to accept pinyin would jump fields.
(() => {
  const ORDER = ["name", "phone", "address", "category", "text", "received_by", "outcome"];
  const form = () => document.querySelector("form[data-log]");
  const named = (name) => form() && form().elements.namedItem(name);
  const asList = (found) => (!found ? [] : found.length !== undefined && !found.tagName ? Array.from(found) : [found]);

  function focusField(name) {
    const controls = asList(named(name));
    const target = controls.find((control) => control.checked) || controls[0];
    if (target) target.focus();
    return Boolean(target);
  }

  function next(name) {
    const rest = ORDER.slice(ORDER.indexOf(name) + 1);
    if (!rest.some(focusField)) form().querySelector("[type=submit]").focus();
  }

  // --- Common phrases of the chosen category ---

  function phrases() {
    const holder = document.getElementById("phrases");
    const chosen = asList(named("category")).find((control) => control.checked);
    return (holder && chosen && JSON.parse(holder.textContent)[chosen.value]) || [];
  }

  function showPhrases() {
    const line = form() && form().querySelector("[data-phrases]");
    if (!line) return;
    line.textContent = "";
    phrases().forEach((phrase, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain small";
      button.tabIndex = -1;
      button.title = `Alt+${i + 1}`;
      button.textContent = phrase;
      button.addEventListener("click", () => insert(phrase));
      line.append(button, " ");
    });
    line.hidden = !line.children.length;
  }

  function insert(phrase) {
    const text = named("text");
    const before = text.value.slice(0, text.selectionStart);
    text.value = before + phrase + text.value.slice(text.selectionEnd);
    text.focus();
    text.selectionStart = text.selectionEnd = before.length + phrase.length;
    keepDraft();
  }

  // --- The draft: in this tab's own store, so that nothing personal stays on a shared computer ---

  const FIELDS = [...ORDER, "headcount", "at", "channel", "other_category", "reason", "anonymous", "confidential"];
  let timer;

  function values() {
    const kept = {};
    for (const name of FIELDS) {
      const controls = asList(named(name));
      if (!controls.length) continue;
      if (controls[0].type === "radio") kept[name] = (controls.find((control) => control.checked) || {}).value || "";
      else kept[name] = controls[0].type === "checkbox" ? controls[0].checked : controls[0].value;
    }
    return kept;
  }

  function keepDraft() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!form()) return;
      sessionStorage.setItem(form().dataset.log, JSON.stringify(values()));
      const now = new Date();
      say(`草稿已自动保存 ${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`);
    }, 800);
  }

  function say(words) {
    const line = form() && form().querySelector("[data-draft]");
    if (line) line.textContent = words;
  }

  function restoreDraft() {
    const kept = JSON.parse(sessionStorage.getItem(form().dataset.log) || "null");
    if (!kept || !(kept.name || kept.text || kept.phone)) return;
    for (const name of FIELDS) {
      for (const control of asList(named(name))) {
        if (control.type === "radio") control.checked = control.value === kept[name];
        else if (control.type === "checkbox") control.checked = Boolean(kept[name]);
        else if (kept[name] !== undefined) control.value = kept[name];
      }
    }
    say("已恢复上次没录完的内容");
  }

  // --- Known by phone: own visitors only, asked by POST so that no number stands in an address ---

  async function lookUp() {
    const phone = named("phone").value.replace(/\D/g, "");
    if (phone.length < 11 || named("name").value) return;
    const body = new FormData();
    body.append("phone", phone);
    body.append("csrfmiddlewaretoken", named("csrfmiddlewaretoken").value);
    try {
      const answer = await fetch(form().dataset.known, { method: "POST", body, credentials: "same-origin" });
      const person = answer.ok ? await answer.json() : {};
      if (person.name && !named("name").value) {
        named("name").value = person.name;
        if (person.address) named("address").value = person.address;
        say(`以前来过：${person.name}`);
      }
    } catch (error) {
      // Without network one types the name; nothing is lost.
    }
  }

  // --- Keys ---

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (!form() || !form().contains(target) || event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      form().querySelector("[type=submit]").click();
    } else if (event.key === "Enter" && target.name && !["BUTTON", "SUMMARY"].includes(target.tagName)) {
      event.preventDefault();
      next(target.name);
    } else if (event.altKey && /^[1-6]$/.test(event.key) && phrases()[event.key - 1]) {
      event.preventDefault();
      insert(phrases()[event.key - 1]);
    } else if (event.altKey && event.key.toLowerCase() === "n") {
      event.preventDefault();
      named("anonymous").checked = !named("anonymous").checked;
      form().querySelector("[data-more]").open = true;
      keepDraft();
    } else if (target.type === "radio" && /^[1-9]$/.test(event.key)) {
      const choice = asList(named(target.name))[event.key - 1];
      if (!choice) return;
      event.preventDefault();
      choice.checked = true;
      choice.dispatchEvent(new Event("change", { bubbles: true }));
      next(target.name);
    }
  });

  document.addEventListener("input", (event) => {
    if (form() && form().contains(event.target)) keepDraft();
  });

  document.addEventListener("change", (event) => {
    if (!form() || !form().contains(event.target)) return;
    if (event.target.name === "category") showPhrases();
    if (event.target.name === "phone") lookUp();
    if (event.target.name === "outcome" && event.target.value === "NOT_ACCEPTED") form().querySelector("[data-more]").open = true;
  });

  document.addEventListener("reset", (event) => {
    if (event.target !== form()) return;
    clearTimeout(timer);
    sessionStorage.removeItem(event.target.dataset.log);
    say("");
    setTimeout(() => focusField("name"));
  });

  // --- Narrow the list of the day to a name or the end of a phone number ---

  function narrow() {
    const field = document.querySelector("[data-narrow]");
    if (!field) return;
    field.hidden = false;
    const input = field.querySelector("input");
    input.addEventListener("input", () => {
      const sought = input.value.trim();
      for (const row of document.querySelectorAll("#log tbody tr")) {
        row.hidden = Boolean(sought) && !row.textContent.includes(sought) && !(row.dataset.tail || "").endsWith(sought);
      }
    });
  }

  function begin() {
    if (!form()) return;
    narrow();
    if (!form().querySelector("[data-summary]")) {
      restoreDraft();
      focusField("name");
    }
    showPhrases();
  }

  // Saved: the draft has done its duty, before the fresh form looks for one. Refused: it stays.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const sent = event.detail.requestConfig.elt;
    if (sent.matches("form[data-log]") && event.detail.xhr.status === 200) {
      clearTimeout(timer);
      sessionStorage.removeItem(sent.dataset.log);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "log") begin();
  });
  document.addEventListener("DOMContentLoaded", begin);
  if (document.readyState !== "loading") begin();
})();
