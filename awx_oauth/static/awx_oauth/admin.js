// What a screen reader needs to know of Django admin's fields: of search, and of those that complete themselves (select2).
"use strict";

const boxOf = (select) => select.parentElement.querySelector(".select2-selection");
const nameOf = (select) => select.ariaLabel ?? select.labels[0].textContent.trim().replace(/:$/, "");

function describe() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const box = boxOf(select);
    const value = box.querySelector(".select2-selection__rendered");
    // It says it is a text box, and a text box would need a name of its own
    value.removeAttribute("role");
    value.removeAttribute("aria-readonly");
    box.removeAttribute("aria-labelledby");
    box.ariaLabel = [nameOf(select), value.title].filter(Boolean).join(": ");
  }
}

function describeChoices({ target: select }) {
  const box = boxOf(select);
  const dropdown = document.querySelector("body > .select2-container--open");
  box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
  dropdown.role = "region"; // it stands at the end of the page, outside its landmarks
  for (const part of [dropdown, ...dropdown.querySelectorAll("input, ul")]) part.ariaLabel = nameOf(select);
}

addEventListener("load", () => {
  const search = document.getElementById("searchbar"); // a picture is its label
  if (search) search.ariaLabel = search.form.querySelector("[type=submit]").value;
  describe();
  // Later than Django's own listener, which makes the field
  document.addEventListener("formset:added", () => setTimeout(describe));
  django.jQuery(document).on("change", "select", () => setTimeout(describe)).on("select2:open", describeChoices);
});
