// Conveniences on the pages of personal access tokens. Everything works without them.
"use strict";

// A second click would make a second token.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
}
// A page that the browser kept comes back with its buttons as they were left.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
});

for (const place of document.querySelectorAll("[data-copy]")) {
  const source = document.querySelector("[data-copy-source]");
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.className = "button";
  button.textContent = place.dataset.copy;
  said.className = "hint";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      said.textContent = place.dataset.copied;
    } catch {
      said.textContent = place.dataset.failed;
    }
  });
  place.append(button, said);
}
