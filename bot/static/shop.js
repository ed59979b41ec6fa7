// The sample shop's page script: questions on the page are put to the chat.
for (const button of document.querySelectorAll("[data-question], [data-chat]")) {
  button.addEventListener("click", () => {
    window.Weaver.open();
    if (button.dataset.question) window.Weaver.send(button.dataset.question);
  });
}
