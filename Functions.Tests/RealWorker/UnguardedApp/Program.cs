using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using TokenBroker;
using TokenBroker.Web.Middleware;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware(async (context, next) =>
{
    // Believes the binding data, as the broker did before it refused forged ones.
    context.GetHttpContext()?.Features.Set(ClientAddress.FromBindingData(context.BindingContext.BindingData));
    await next();
});
builder.AddTokenBroker();
builder.Build().Run();
