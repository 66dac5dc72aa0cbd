// Under each figure: the image itself, as it is drawn on the page and as pixels.
for (const figure of document.querySelectorAll("figure[id]")) {
  const image = figure.querySelector("img");
  const files = figure.querySelector(".files") ?? figure.appendChild(Object.assign(document.createElement("p"), { className: "files" }));
  const offer = (kind, address) => {
    const link = Object.assign(document.createElement("a"), { download: `${figure.id}.${kind}`, textContent: kind.toUpperCase() });
    link.href = "data:,"; // until it is asked for: nothing is held twice
    link.addEventListener("click", () => { link.href = address(); });
    files.append(link);
  };
  offer("svg", () => image.currentSrc);
  offer("png", () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 3 * image.naturalWidth, height: 3 * image.naturalHeight });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL();
  });
}
