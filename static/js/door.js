// The door-to-door form (data-door="key of the draft"): saved into the queue (queue.js), photos made small before.
(() => {
  const form = document.querySelector("form[data-door]");
  if (!form) return;
  const LONGEST = 1280;
  const KEEPS = ["station", "channel", "place"]; // the same for the next household
  const list = document.querySelector("[data-waiting]");
  const status = form.querySelector("[data-draft]");
  let mending = "";
  let saving = false;
  let timer;

  const texts = () => Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "idem"].includes(name));

  function put(fields) {
    for (const control of form.elements) {
      if (!control.name || control.type === "file" || control.name === "csrfmiddlewaretoken") continue;
      const [, value] = fields.find(([name, one]) => name === control.name && (control.type !== "radio" || one === control.value)) || [];
      if (control.type === "radio" || control.type === "checkbox") control.checked = value !== undefined;
      else if (control.name !== "idem") control.value = value || "";
    }
  }

  function clear() {
    clearTimeout(timer);
    sessionStorage.removeItem(form.dataset.door);
    put(texts().filter(([name]) => KEEPS.includes(name)));
    form.elements.photos.value = "";
    status.textContent = "";
    mending = "";
    window.liaisonQueue.summary(form, []);
  }

  // At most 1280 pixels, JPEG .7. What this browser cannot draw goes as it is; the server says what it thinks of it.
  async function small(file) {
    try {
      const reader = new FileReader(); // a blob: address would be refused by the content security policy
      await new Promise((done, failed) => { reader.onload = done; reader.onerror = failed; reader.readAsDataURL(file); });
      const image = new Image();
      await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = reader.result; });
      const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.naturalWidth * scale);
      canvas.height = Math.round(image.naturalHeight * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7))) || file;
    } catch (error) {
      return file;
    }
  }

  function lacking(fields) {
    const { always, said, most } = JSON.parse(document.getElementById("needed").textContent);
    const of = (name) => (fields.find(([one]) => one === name) || ["", ""])[1].trim();
    const photos = form.elements.photos.files.length;
    const wrong = {
      consented: (of("name") || of("phone")) && !of("consented"),
      name: of("phone") && !of("name"),
      photos: photos > most,
    };
    said.photos = said.photos.replace("{}", photos);
    return [
      ...Object.keys(always).filter((name) => !of(name)).map((name) => [name, always[name]]),
      ...Object.keys(wrong).filter((name) => wrong[name]).map((name) => [name, said[name]]),
    ];
  }

  async function save() {
    const queue = window.liaisonQueue;
    const fields = texts();
    const wrong = lacking(fields);
    queue.summary(form, wrong);
    if (wrong.length || saving) return;
    saving = true;
    try {
      const photos = await Promise.all(Array.from(form.elements.photos.files).map(small));
      const shown = [fields.find(([name]) => name === "place")[1], fields.find(([name]) => name === "text")[1]];
      await queue.add({ url: form.getAttribute("action"), fields, shown }, photos, mending);
      clear();
      form.elements.place.focus();
      form.elements.place.select();
    } catch (error) {
      HTMLFormElement.prototype.submit.call(form); // this browser stores nothing: send it here and now
    }
    saving = false;
  }

  form.addEventListener("submit", (event) => {
    if (!window.liaisonQueue && navigator.onLine) return; // as a plain form
    event.preventDefault();
    if (window.liaisonQueue) save();
    else status.textContent = "网络不通，还没有保存，请再按一次保存";
  });

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (mending) return;
      sessionStorage.setItem(form.dataset.door, JSON.stringify(texts()));
      status.textContent = "草稿已自动保存";
    }, 800);
  });

  function mend(entry) {
    const { text, name, phone, photos } = form.elements;
    if (text.value.trim() || name.value || phone.value || photos.files.length) {
      status.textContent = "先保存正在录的这一户，再改没传上去的";
      text.focus();
      return;
    }
    put(entry.fields);
    mending = entry.key;
    window.liaisonQueue.summary(form, entry.refused);
  }

  function item(entry, tag, look) {
    const { make } = window.liaisonQueue;
    const made = make("li");
    const box = make("div");
    const words = make("span", "grow", entry.photo ? "照片" : `${entry.shown[0]}：${entry.shown[1].slice(0, 20)}`);
    box.append(words, make("span", `tag ${look}`, tag));
    made.append(box);
    made.dataset.key = entry.key;
    return made;
  }

  document.addEventListener("queue:changed", ({ detail: entries }) => {
    for (const old of list.querySelectorAll("[data-key]:not([data-taken])")) old.remove();
    for (const entry of entries) {
      const row = item(entry, entry.refused ? "需修改" : "待上传", entry.refused ? "tag-late" : "tag-warn");
      if (entry.refused && entry.key !== mending) row.append(window.liaisonQueue.acts(entry, entry.photo ? null : () => mend(entry)));
      list.prepend(row);
    }
  });

  document.addEventListener("queue:taken", ({ detail: { entry, told } }) => {
    if (entry.photo) return;
    const row = item(entry, `已保存 ${told.number}`, "tag-ok");
    row.dataset.taken = "";
    list.append(row);
  });

  const kept = JSON.parse(sessionStorage.getItem(form.dataset.door) || "null");
  if (kept && !form.querySelector("[data-summary]")) {
    put(kept);
    status.textContent = "已恢复上次没录完的内容";
  }
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js", { scope: window.location.pathname })
      .then(() => navigator.serviceWorker.ready)
      .then((there) => there.active.postMessage({ keep: window.location.pathname }))
      .catch(() => {});
  }
})();
