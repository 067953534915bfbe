// Tries the controls of a report's page as a person would, and writes what it found into the page's title.
// Run by Scripts/test-report-page in a headless browser, behind the page's own script.
"use strict";
window.addEventListener("load", () => {
  const failures = [...window.pageErrors];
  const expect = (condition, text) => { if (!condition) failures.push(text); };
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const seen = (part) => part.getClientRects().length > 0;
  const set = (id, value, kind = "change") => {
    const control = document.getElementById(id);
    control.value = value;
    control.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const options = (id) => all(`#${id} option`).map((option) => option.value);
  const cases = all(".case");

  expect(cases.length > 0, "there are cases");
  expect(seen(document.getElementById("controls")), "the controls are shown");
  expect(all("img").every((image) => image.complete && image.naturalWidth > 0), "every picture is decoded");
  expect(document.documentElement.scrollWidth <= window.innerWidth, `the page is ${document.documentElement.scrollWidth} wide`);

  // Choosing, on the page of a comparison.
  if (document.getElementById("picture")) {
    const methods = options("method").slice(1);
    expect(methods.length > 1 && options("picture").length > 2, "there is something to choose from");
    set("picture", "2");
    expect(cases.every((entry) => seen(entry) === (entry.dataset.picture === "2")), "a picture shows its cases only");
    const target = options("target")[1];
    set("target", target);
    expect(cases.every((entry) => seen(entry) === (entry.dataset.picture === "2" && entry.dataset.title === target)), "a target");
    set("picture", "");
    set("target", "");
    expect(cases.every(seen), "all cases are shown again");
    set("method", methods[1]);
    expect(all(".map").every((map) => seen(map) === (map.dataset.method === methods[1])), "a method shows its maps only");
    set("method", "");
    expect(all(".map").every(seen), "all maps are shown again");
  }
  const heat = document.querySelector(".heat");
  set("opacity", "20", "input");
  expect(getComputedStyle(heat).opacity === "0.2", "the slider sets the maps' opacity");

  // Reading: all maps of the case at the same place, and the value is the map's own.
  const maps = all(".map .picture:not(.none)", cases[0]);
  const point = (map, x, y) => {
    const box = map.getBoundingClientRect();
    const place = { clientX: box.left + x * box.width, clientY: box.top + y * box.height, bubbles: true };
    map.dispatchEvent(new PointerEvent("pointermove", place));
  };
  for (const map of maps) {
    const image = map.querySelector(".heat");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    let best = 0;
    for (let pixel = 0; pixel < data.length / 4; pixel += 1) if (data[4 * pixel] > data[4 * best]) best = pixel;
    const part = image.parentElement.style;
    const x = (parseFloat(part.left) + ((best % canvas.width) + 0.5) / canvas.width * parseFloat(part.width)) / 100;
    const y = (parseFloat(part.top) + (Math.floor(best / canvas.width) + 0.5) / canvas.height * parseFloat(part.height)) / 100;
    point(map, x, y);
    const expected = (data[4 * best] / 255).toFixed(2);
    expect(map.querySelector(".reading").value === expected, `a reading is ${map.querySelector(".reading").value}, not ${expected}`);
    expect(maps.every((other) => other.querySelector(".reading").value !== ""), "all maps are read");
    expect(maps.every((other) => other.querySelector(".cross").style.left === map.querySelector(".cross").style.left), "one place");
  }
  cases[0].dispatchEvent(new PointerEvent("pointerleave"));
  expect(all(".reads").length === 0, "nothing is read outside");

  // Sorting.
  const table = document.querySelector(".sortable");
  all("thead th", table).forEach((head, column) => {
    const values = () => [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.value ?? row.cells[column].textContent);
    const before = values().length;
    const compare = (a, b) => (head.dataset.better ? a - b : a.localeCompare(b));
    const sign = head.dataset.better === "higher" ? -1 : 1;
    for (const turn of [sign, -sign]) {
      head.querySelector("button").click();
      const found = values().filter((value) => value !== "");
      expect(found.every((value, place) => place === 0 || turn * compare(found[place - 1], value) <= 0), `sorting column ${column}`);
    }
    expect(before > 1 && values().length === before, "sorting keeps all rows");
  });
  document.title = failures.length === 0 ? "page: passed" : `page: failed: ${failures.join("; ")}`;
});
