// data-queue="user" data-post="post": what is entered without network waits in this browser's own database until the
// server has taken it, one after another, each under a key made here. Every page of a signed-in person sends; only the
// owner's entries are ever read. net.js loads this file, after the page, where something waits or may have to. The forms
// themselves are in log.js and door.js, which use window.liaisonQueue.
(() => {
  const line = document.querySelector("[data-queue]");
  if (!line || !window.indexedDB || !window.fetch) return;
  const { queue: owner, post, login } = line.dataset;
  const FIRST = 5000;
  const LONGEST = 300000;
  let busy = false;
  let wait = 0;
  let timer = 0;
  let trouble = "";

  // crypto.randomUUID is missing where a site is not HTTPS.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return Array.from(bytes, (byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + (byte + 256).toString(16).slice(1)).join("");
  }

  function within(act, mode = "readwrite") {
    return new Promise((done, failed) => {
      const asked = indexedDB.open("liaison", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("queue", { keyPath: "key" });
      asked.onerror = () => failed(asked.error);
      asked.onsuccess = () => {
        const base = asked.result;
        const deal = base.transaction("queue", mode);
        const found = act(deal.objectStore("queue"));
        const end = (tell, with_) => () => { base.close(); tell(with_()); };
        deal.oncomplete = end(done, () => found && found.result);
        deal.onabort = end(failed, () => deal.error);
      };
    });
  }

  async function mine() {
    const all = await within((store) => store.getAll(), "readonly");
    return all.filter((entry) => entry.owner === owner).sort((a, b) => a.made - b.made);
  }

  const ready = (entry) => entry.post === post && entry.url && !entry.refused;

  // Keep an entry { url, fields, shown } with its photos, in place of the one with the key `old` if there is one.
  async function add(entry, photos = [], old = "") {
    const all = old ? await mine() : [];
    const before = all.find((one) => one.key === old) || { made: Date.now(), page: location.pathname };
    const whole = { ...entry, key: uuid(), owner, post, page: before.page, made: before.made, refused: null };
    const kept = all.filter((one) => old && one.after === old);
    const rest = photos.map((photo, i) => ({ ...whole, key: uuid(), made: whole.made + i + 1, after: whole.key, url: "", fields: [], photo }));
    await within((store) => {
      if (old) store.delete(old);
      [whole, ...rest].forEach((one) => store.put(one));
      kept.forEach((one) => store.put({ ...one, after: whole.key }));
    });
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
    wait = 0;
    await tell();
    flush();
    return whole.key;
  }

  async function drop(entry) {
    const photos = (await mine()).filter((one) => one.after === entry.key);
    await within((store) => [entry, ...photos].forEach((one) => store.delete(one.key)));
    tell();
  }

  // --- Sending ---

  async function taken(entry, told) {
    const photos = (await mine()).filter((one) => one.after === entry.key);
    await within((store) => {
      store.delete(entry.key);
      photos.forEach((one) => store.put({ ...one, url: told.photos }));
    });
    document.dispatchEvent(new CustomEvent("queue:taken", { detail: { entry, told } }));
  }

  // "" done (taken or refused), "login", "server", or "net".
  async function send(entry) {
    const body = new FormData();
    for (const [name, value] of [...entry.fields, ["made_at", entry.made]]) body.append(name, value);
    if (entry.photo) body.append("photo", entry.photo, "photo.jpg");
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), entry.photo ? 60000 : 15000);
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]*)/); // a kept page holds an old one
    try {
      const answer = await fetch(entry.url, {
        method: "POST", body, signal: abort.signal, credentials: "same-origin", redirect: "manual",
        headers: { "Idempotency-Key": entry.key, "X-CSRFToken": token ? token[1] : "", "X-Queue": `${entry.owner}-${entry.post}`, "X-Sent-At": Date.now() },
      });
      if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) return "login";
      const text = await answer.text();
      const told = /json/.test(answer.headers.get("Content-Type")) ? JSON.parse(text) : {};
      if (answer.ok && told.number) await taken(entry, told); // anything else may be a hotel's welcome page
      else if ([400, 404, 409, 413, 422].includes(answer.status)) {
        const said = new DOMParser().parseFromString(text, "text/html").querySelector("[data-reason]");
        const why = said ? said.textContent : "没有传上去：您现在看不到这一页了。请导出未上传的登记，交给站点负责人补录。";
        await within((store) => store.put({ ...entry, refused: told.errors || [["", why]] }));
      } else return "server";
      return "";
    } catch (error) {
      return "net";
    } finally {
      clearTimeout(late);
    }
  }

  async function flush() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    timer = 0;
    trouble = "";
    const failed = new Set(); // what the server stumbles over does not hold up the rest
    for (let entry; trouble !== "net" && trouble !== "login" && (entry = (await mine()).find((one) => ready(one) && !failed.has(one.key)));) {
      await tell();
      const how = await send(entry);
      if (how) failed.add(entry.key);
      trouble = how || trouble;
    }
    busy = false;
    if (trouble === "net" || trouble === "server") {
      wait = Math.min(wait ? wait * 3 : FIRST, LONGEST);
      timer = setTimeout(flush, wait);
    } else wait = 0;
    tell();
  }

  const again = () => { wait = 0; flush(); };

  // --- Saying how it stands ---

  async function tell() {
    const all = await mine();
    const texts = all.filter((entry) => !entry.after);
    const bad = texts.filter((entry) => entry.refused);
    const waiting = texts.length - bad.length;
    const photos = all.length - texts.length;
    const away = all.filter((entry) => entry.post !== post).length;
    const rest = [waiting && `${waiting} 条`, photos && `照片 ${photos} 张`].filter(Boolean).join("、");
    const off = navigator.onLine === false || trouble === "net" || trouble === "server";
    const parts = [off ? "离线可录" : trouble === "login" ? "登录已过期，登录后自动上传" : busy && rest ? "正在上传" : all.length ? "" : "已全部上传"];
    if (rest) parts.push(`${busy && !off ? "还有" : "待上传"} ${rest}`);
    if (bad.length) parts.push(`${bad.length} 条需修改`);
    if (away) parts.push(`${away} 条要切换岗位后上传`);
    const link = document.createElement(all.length ? "a" : "span");
    link.textContent = parts.filter(Boolean).join(" · ");
    if (all.length) link.href = trouble === "login" ? `${login}?next=${location.pathname}` : (bad[0] || all[0]).page;
    line.replaceChildren(link);
    line.hidden = !all.length && !off && !document.querySelector("[data-offline]");
    line.dataset.state = all.length || off ? "off" : "on";
    if (all.length) localStorage.setItem(`queued-${owner}`, all.length);
    else localStorage.removeItem(`queued-${owner}`);
    const storage = navigator.storage;
    const safe = storage && storage.persisted && (await storage.persisted());
    for (const one of document.querySelectorAll("[data-export]")) one.hidden = !all.length;
    for (const one of document.querySelectorAll("[data-rescue]")) one.hidden = false;
    for (const one of document.querySelectorAll("[data-unsafe]")) one.hidden = !all.length || safe;
    document.dispatchEvent(new CustomEvent("queue:changed", { detail: all.filter((entry) => entry.page === location.pathname) }));
  }

  // --- What both forms draw ---

  function make(kind, look = "", words = "") {
    const made = document.createElement(kind);
    made.className = look;
    made.textContent = words;
    return made;
  }

  // The list of what is to be mended, as the server draws it (ui/error_summary.html).
  function summary(form, wrong) {
    const place = form.querySelector("[data-wrong]");
    place.textContent = "";
    for (const field of form.querySelectorAll(".f.bad")) field.classList.remove("bad");
    if (!wrong.length) return;
    const box = make("div", "summary");
    box.setAttribute("role", "alert");
    box.tabIndex = -1;
    box.dataset.summary = "";
    const items = make("ul");
    for (const [name, words] of wrong) {
      const found = name && form.elements.namedItem(name);
      const control = found && (found.tagName ? found : found[0]);
      const item = make("li", "", control ? "" : words);
      if (control && control.closest(".f")) {
        const link = make("a", "", words);
        link.href = `#${control.id}`;
        item.append(link);
        control.closest(".f").classList.add("bad");
        if (control.closest("details")) control.closest("details").open = true;
      } else item.textContent = words;
      items.append(item);
    }
    box.append(make("h2", "", `有 ${wrong.length} 处要改`), items);
    place.append(box);
    box.focus();
  }

  // Why an entry was refused, and what can be done with it; nothing while it is being mended.
  function acts(entry, mend, mended = false) {
    const bar = make("div", "row");
    bar.append(make("span", "err", entry.refused.map(([, said]) => said).join("")));
    const buttons = [mend && ["修改", mend], ["再传一次", () => add(entry, [], entry.key)]];
    buttons.push(["不要了", () => window.confirm("删掉这条没上传的登记？删掉就找不回来了。") && drop(entry)]);
    for (const [label, act] of mended ? [] : buttons.filter(Boolean)) {
      const button = make("button", "plain", label);
      button.type = "button";
      button.addEventListener("click", act);
      bar.append(button);
    }
    return bar;
  }

  // --- Rescue, and leaving ---

  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-export]")) return;
    const entries = (await mine()).map(({ photo, owner: _, ...entry }) => entry);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(entries, null, 1)], { type: "application/json" }));
    link.download = `未上传登记-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
  });

  // The file may be anybody's work: only what one of the two forms could have kept is taken. The keys stay, so what has
  // arrived from the other device is not logged again.
  const FORM = /^\/(activities\/\d+\/log|visits\/door)\/$/;
  const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  const texts = (list) => Array.isArray(list) && list.every((text) => typeof text === "string");
  const whole = (one) => one && KEY.test(one.key) && FORM.test(one.url) && FORM.test(one.page) && Number.isInteger(one.made)
    && texts(one.shown) && Array.isArray(one.fields) && one.fields.every((field) => texts(field) && field.length === 2);

  document.addEventListener("change", async ({ target }) => {
    const box = target.closest("[data-rescue]");
    if (!box || !target.files.length) return;
    const found = await target.files[0].text().then(JSON.parse).catch(() => []);
    const good = Array.isArray(found) ? found.filter(whole) : [];
    await within((store) => good.forEach(({ key, url, page, made, shown, fields }) => store.put({ key, url, page, made, shown, fields, owner, post, refused: null })));
    target.value = "";
    await tell(); // first the queue, which still says that nothing waits
    box.querySelector("[role=status]").textContent = good.length
      ? `读回 ${good.length} 条，正在上传。还没上传的，在各自的登记页上看得到。`
      : "这个文件里没有能读回的登记。请选“导出未上传”存的那个文件。";
    again();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-leave]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const left = (await mine()).length;
    if (left) {
      const band = document.querySelector("[data-net]");
      band.innerHTML = `<div class="note note-late"><p>还有 ${left} 条没上传，联网后再退出。</p><button type="button" class="btn btn-s" data-export>导出未上传</button></div>`;
      band.scrollIntoView();
      return;
    }
    form.submit();
  }, true);

  window.liaisonQueue = { add, again, make, summary, acts };
  window.addEventListener("online", again);
  window.addEventListener("offline", tell);
  window.addEventListener("focus", again);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  setInterval(() => { if (!timer) flush(); }, 60000);
  flush();
})();
