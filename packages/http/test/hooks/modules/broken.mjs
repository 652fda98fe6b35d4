throw new Error('the database of tenants is away')
