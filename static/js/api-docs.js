// The API's own pages: Swagger UI, from this server alone.
const docs = document.getElementById("docs");

window.SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.schema,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  persistAuthorization: false,
});
