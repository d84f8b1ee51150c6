// Draws the basket in the window of a customer.
export function renderBasket(element, lines) {
  element.replaceChildren();
  for (const [name, held] of lines) {
    const row = document.createElement("li");
    row.textContent = `${held} × ${name}`;
    element.append(row);
  }
}

export function showBadge(element, count) {
  element.hidden = count === 0;
  element.textContent = String(count);
}
