using Microsoft.Azure.Functions.Worker.Builder;
using TokenBroker;

try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    builder.UseMiddleware<RunEndpoint>();
    builder.AddTokenBroker();
    builder.Build().Run();
    return 0;
}
catch (ConfigurationException exception)
{
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message}");
    return 1;
}
