using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using TokenBroker;

try
{
    TokenBrokerRegistration.ReadAhead();
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    builder.AddTokenBroker();
    builder.Build().Run();
    return 0;
}
catch (ConfigurationException exception)
{
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message}");
    return 1;
}
