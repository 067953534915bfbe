"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const control = (id) => document.getElementById(id);
  const cases = all(".case");

  const opacity = control("opacity");
  opacity.addEventListener("input", () => {
    document.documentElement.style.setProperty("--opacity", opacity.value / 100);
  });
  control("controls").hidden = false;

  // Choosing a picture, a target and a method hides the others. A page of few pictures has no choices.
  const [picture, target, method] = ["picture", "target", "method"].map(control);
  const show = () => {
    for (const entry of cases) {
      const isOther = picture.value !== "" ? entry.dataset.picture !== picture.value : false;
      entry.hidden = isOther || (target.value !== "" ? entry.dataset.title !== target.value : false);
    }
    for (const part of all(".map, .matrices")) {
      part.hidden = method.value !== "" ? part.dataset.method !== method.value : false;
    }
  };
  const listTargets = () => {
    const chosen = target.value;
    const shown = cases.filter((entry) => picture.value === "" || entry.dataset.picture === picture.value);
    const titles = [...new Set(shown.map((entry) => entry.dataset.title))];
    target.replaceChildren(new Option("all", ""), ...titles.map((title) => new Option(title, title)));
    target.value = titles.includes(chosen) ? chosen : "";
  };
  if (picture) {
    picture.addEventListener("change", () => { listTargets(); show(); });
    target.addEventListener("change", show);
    method.addEventListener("change", show);
    if (cases.length > 3) picture.value = "1";
    listTargets();
    show();
  }

  // The values of a map are the gray levels of its picture.
  const levels = new WeakMap();
  const values = (image) => {
    if (!levels.has(image)) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      levels.set(image, context.getImageData(0, 0, canvas.width, canvas.height));
    }
    return levels.get(image);
  };
  const reading = (map, x, y) => {
    const image = map.querySelector(".heat");
    const part = image.parentElement.style;
    const across = (x * 100 - parseFloat(part.left)) / parseFloat(part.width);
    const down = (y * 100 - parseFloat(part.top)) / parseFloat(part.height);
    if (Math.min(across, down) >= 0 ? Math.max(across, down) >= 1 : true) return "not seen";
    const { width, height, data } = values(image);
    const pixel = Math.floor(down * height) * width + Math.floor(across * width);
    const level = data[4 * pixel] / 255;
    return ("signed" in image.dataset ? 2 * level - 1 : level).toFixed(2);
  };
  const read = (event) => {
    const over = event.target.closest(".picture:not(.none)");
    if (!over) return;
    const box = over.getBoundingClientRect();
    const x = Math.min(0.9999, Math.max(0, (event.clientX - box.left) / box.width));
    const y = Math.min(0.9999, Math.max(0, (event.clientY - box.top) / box.height));
    for (const map of all(".picture:not(.none)", over.closest(".case"))) {
      map.classList.add("reads");
      const told = map.querySelector(".reading");
      if (told) told.value = reading(map, x, y);
      Object.assign(map.querySelector(".cross").style, { left: `${x * 100}%`, top: `${y * 100}%` });
    }
  };
  const forget = () => { for (const map of all(".reads")) map.classList.remove("reads"); };
  for (const entry of cases) {
    entry.addEventListener("pointermove", read);
    entry.addEventListener("pointerdown", read);
    entry.addEventListener("pointerleave", forget);
  }

  // A heading sorts the table, the good numbers first; once more, and they are last.
  const table = document.querySelector(".sortable");
  const heads = all("thead th", table);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = head.dataset.better === "higher" ? "descending" : "ascending";
      const second = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? second : first;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const compare = (a, b) => {
        if (key(a) === "" || key(b) === "") return key(a) === key(b) ? 0 : key(a) === "" ? 1 : -1;
        const difference = head.dataset.better ? key(a) - key(b) : key(a).localeCompare(key(b));
        return order === "ascending" ? difference : -difference;
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
    });
  });

})();
