// The reception log (data-log="key of the draft"): Enter goes to the next field, digits choose the category, Ctrl+Enter
// saves, Alt+1…6 puts in a common phrase, a known phone fills in name and address, and what is half typed outlives a
// reload. Keys are left alone while an input method composes, or Enter to accept pinyin would jump fields. Saving waits
// for no network: the entry goes into the queue (queue.js) and its row says how far it has come.
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

  const FIELDS = [...ORDER, "headcount", "at", "channel", "other_category", "reason", "about_name", "sheet", "anonymous", "confidential"];
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
      if (!form() || mending) return; // what is being mended stands in the queue
      sessionStorage.setItem(form().dataset.log, JSON.stringify(values()));
      const now = new Date();
      say(`草稿已自动保存 ${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`);
    }, 800);
  }

  function forgetDraft() {
    clearTimeout(timer);
    sessionStorage.removeItem(form().dataset.log);
    say("");
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
    forgetDraft();
    mending = "";
    if (window.liaisonQueue) summary([]);
    setTimeout(() => { focusField("name"); count(); });
  });

  // --- Saving: into the queue, and on to the next visitor ---

  const SPENT = ["name", "phone", "text", "category", "other_category", "headcount", "at", "channel", "reason", "about_name", "sheet", "anonymous", "confidential"];
  let saving = false;
  let mending = ""; // the key of the refused entry that is in the form
  let last = "";

  const isBlank = () => !["name", "phone", "text"].some((name) => named(name).value.trim());

  function lacking() {
    const said = JSON.parse(document.getElementById("needed").textContent);
    const phone = named("phone").value.replace(/[\s-]/g, "");
    const over = phone.length - 11;
    said.phone = said.phone.replace("{}", over < 0 ? "少" : "多").replace("{}", Math.abs(over));
    const wrong = {
      name: !named("name").value.trim() && !named("anonymous").checked,
      phone: over && /^1\d+$/.test(phone),
      text: !named("text").value.trim(),
      outcome: !asList(named("outcome")).some((control) => control.checked),
    };
    return Object.keys(wrong).filter((name) => wrong[name]).map((name) => [name, said[name]]);
  }

  const summary = (wrong) => window.liaisonQueue.summary(form(), wrong);

  function clear() {
    for (const name of SPENT) {
      for (const control of asList(named(name))) {
        if (control.type === "radio" || control.type === "checkbox") control.checked = false;
        else control.value = name === "channel" ? "VISIT" : "";
      }
    }
    forgetDraft();
    summary([]);
    mending = "";
    form().querySelector("[data-more]").open = false;
    showPhrases();
    focusField("name");
  }

  function words(name) {
    const control = named(name);
    if (control.tagName === "SELECT") return control.value ? control.selectedOptions[0].textContent : "";
    const chosen = asList(control).find((one) => one.checked);
    return chosen ? chosen.labels[0].textContent.trim().replace(/^\d /, "") : "";
  }

  async function save() {
    if (saving) return;
    const wrong = isBlank() ? [] : lacking();
    if (isBlank()) focusField("name");
    else summary(wrong);
    if (isBlank() || wrong.length) return;
    saving = true;
    const now = new Date();
    const time = `${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
    const shown = [named("at").value || time, named("name").value || "不愿留名", words("other_category") || words("category"), named("text").value, words("received_by"), words("outcome")];
    const fields = Array.from(new FormData(form())).filter(([name]) => !["csrfmiddlewaretoken", "idem"].includes(name));
    const kept = mending;
    try {
      const writing = window.liaisonQueue.add({ url: form().getAttribute("action"), fields, shown }, [], kept);
      clear();
      last = await writing;
    } catch (error) {
      put(fields); // this browser stores nothing: send it as a form, here and now
      HTMLFormElement.prototype.submit.call(form());
    }
    saving = false;
  }

  function put(fields) {
    clear();
    for (const [name, value] of fields) {
      for (const control of asList(named(name))) {
        if (control.type === "radio" || control.type === "checkbox") control.checked = control.type === "checkbox" || control.value === value;
        else control.value = value;
      }
    }
    showPhrases();
  }

  function mend(entry) {
    if (!isBlank()) {
      say("先保存正在录的这一位，再改没传上去的");
      focusField("name");
      return;
    }
    put(entry.fields);
    mending = entry.key;
    window.liaisonQueue.again(); // draws its row anew
    summary(entry.refused);
  }

  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    if (!window.liaisonQueue && navigator.onLine) return; // as a plain form
    event.preventDefault();
    if (window.liaisonQueue) save();
    else say("网络不通，还没有保存，请再按一次保存");
  });

  // --- The rows of what waits, above those that the server has ---

  function row(entry) {
    const { make } = window.liaisonQueue;
    const made = make("tr");
    made.dataset.key = entry.key;
    const [time, name, ...rest] = entry.shown;
    const who = make("th", "nowrap", name);
    who.scope = "row";
    const text = make("td");
    text.append(make("span", "clip", rest[1]));
    const state = make("td");
    state.append(make("span", `tag ${entry.refused ? "tag-late" : "tag-warn"}`, entry.refused ? "需修改" : "待上传"));
    made.append(make("td", "num"), make("td", "nowrap", time), who, make("td", "nowrap", rest[0]), text, make("td", "nowrap", rest[2]), make("td", "nowrap", rest[3]), state);
    return made;
  }

  function why(entry) {
    const { make, acts } = window.liaisonQueue;
    const made = make("tr");
    made.dataset.why = entry.key;
    const cell = make("td");
    cell.colSpan = 8;
    cell.append(acts(entry, () => mend(entry), entry.key === mending));
    made.append(cell);
    return made;
  }

  function count() {
    const waiting = document.querySelectorAll("#log tr[data-key]").length;
    const heading = form().querySelector("[data-heading]");
    heading.textContent = mending ? "修改没传上去的登记" : `登记第 ${Number(document.getElementById("log").dataset.next) + waiting} 位来访群众`;
  }

  document.addEventListener("queue:changed", ({ detail: entries }) => {
    if (!form()) return;
    const body = document.querySelector("#log tbody");
    for (const old of body.querySelectorAll("tr[data-key]:not([data-taken]), tr[data-why]")) old.remove();
    const empty = body.querySelector("td[colspan='8'].muted");
    if (empty && entries.length) empty.parentNode.remove();
    for (const entry of entries) {
      if (entry.refused) body.prepend(why(entry));
      body.prepend(row(entry));
    }
    if (mending && !entries.some((entry) => entry.key === mending)) {
      clear();
      say("正在改的这一条，已经在别的窗口里处理了");
    }
    count();
    const back = entries.find((entry) => entry.key === last && entry.refused);
    if (back && isBlank() && !mending) {
      last = "";
      mend(back);
      count();
    }
  });

  let fresh;
  document.addEventListener("queue:taken", ({ detail: { entry, told } }) => {
    const found = form() && document.querySelector(`#log tr[data-key="${entry.key}"]`);
    if (found && told.serial < found.closest("#log").dataset.next) found.remove(); // the list has it
    else if (found) {
      found.dataset.taken = "";
      found.firstChild.textContent = told.serial;
      found.lastChild.firstChild.className = "tag";
      found.lastChild.firstChild.textContent = "已保存";
      found.title = told.number;
    }
    clearTimeout(fresh);
    fresh = setTimeout(refresh, 300);
  });

  // The list as the server has it, without touching what is being typed.
  async function refresh() {
    if (!form()) return;
    const answer = await fetch(form().getAttribute("action"), { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const whole = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("log");
    const here = document.getElementById("log");
    if (!whole) return;
    here.dataset.next = whole.dataset.next;
    delete here.dataset.shell;
    const waiting = Array.from(here.querySelectorAll("tr[data-key], tr[data-why]"))
      .filter((row) => !("taken" in row.dataset) || row.firstChild.textContent >= +whole.dataset.next);
    for (const part of ["h2", "[data-tally]", "tbody"]) here.querySelector(part).replaceWith(whole.querySelector(part));
    here.querySelector("tbody").prepend(...waiting);
    count();
  }

  // --- Narrow the list of the day to a name or the end of a phone number ---

  function narrow() {
    const field = document.querySelector("[data-narrow]");
    field.hidden = false;
    const input = field.querySelector("input");
    input.addEventListener("input", () => {
      const sought = input.value.trim();
      for (const found of document.querySelectorAll("#log tbody tr")) {
        found.hidden = Boolean(sought) && !found.textContent.includes(sought) && !(found.dataset.tail || "").endsWith(sought);
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
    if (document.querySelector("#log[data-shell]")) window.addEventListener("load", refresh);
    if (!("serviceWorker" in navigator)) return; // plain HTTP: the queue works, only the page cannot be opened offline
    navigator.serviceWorker.register("/sw.js", { scope: "/activities/" })
      .then(() => navigator.serviceWorker.ready)
      .then((there) => there.active.postMessage({ keep: window.location.pathname }))
      .catch(() => {});
  }

  document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
